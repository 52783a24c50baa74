package io.shardguard.healthmonitor;

import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.container.ContainerRequestContext;
import org.jboss.resteasy.reactive.server.ServerRequestFilter;

/** HAProxy's plain {@code httpchk} asks with OPTIONS: it gets the answer that GET has. */
public class OptionsAsGet {

  /** Runs before a method is chosen. */
  @ServerRequestFilter(preMatching = true)
  public void filter(ContainerRequestContext request) {
    boolean aboutMembers = request.getUriInfo().getPath().startsWith("/members");
    if (aboutMembers && HttpMethod.OPTIONS.equals(request.getMethod())) {
      request.setMethod(HttpMethod.GET);
    }
  }
}
