package io.shardguard.lbconfigurator;

import io.shardguard.lbconfigurator.core.Routes;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.ServiceUnavailableException;
import jakarta.ws.rs.core.MediaType;

/** What is wanted of HAProxy, for people and tools; 503 until the topology is read to its end. */
@Path("/")
public class StatusResource {

  private final LoadBalancerLoop loop;

  @Inject
  StatusResource(LoadBalancerLoop loop) {
    this.loop = loop;
  }

  /** The wanted configuration file. */
  @GET
  @Path("config")
  @Produces(MediaType.TEXT_PLAIN)
  public String config() {
    return status().wanted().text();
  }

  /** The wanted routes. */
  @GET
  @Path("routes")
  @Produces(MediaType.APPLICATION_JSON)
  public Routes routes() {
    return status().routes();
  }

  private Status status() {
    Status status = loop.status();
    if (status.wanted() == null) {
      throw new ServiceUnavailableException(status.trouble());
    }
    return status;
  }
}
