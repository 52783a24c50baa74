package io.shardguard.healthmonitor;

import io.shardguard.events.Observation.MemberView;
import io.shardguard.healthmonitor.core.Lag;
import io.shardguard.healthmonitor.core.Roles;
import io.shardguard.healthmonitor.core.Roles.Answer;
import io.shardguard.healthmonitor.core.Watch;
import io.shardguard.healthmonitor.core.Watched;
import jakarta.inject.Inject;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;

/**
 * The members as this observer sees them; the role questions answer 200 or 503, for load balancers:
 * to OPTIONS and HEAD as to GET.
 */
@Path("/members")
@Produces(MediaType.APPLICATION_JSON)
public class MemberResource {

  private final MonitorLoop loop;

  @Inject
  MemberResource(MonitorLoop loop) {
    this.loop = loop;
  }

  /** The answer to a role question. */
  public record Body(String member, int group, boolean answer, String verdict, String reason) {}

  /** Every member's view. */
  @GET
  public List<MemberView> members() {
    return loop.watch().members().values().stream().map(Watched::view).toList();
  }

  /** Takes writes, and is meant to. */
  @GET
  @Path("/{name}/primary")
  public Response primary(@PathParam("name") String name) {
    return answer(name, Roles::primary);
  }

  /** Is a standby; with {@code lag}, one whose replay lag is at most that. */
  @GET
  @Path("/{name}/standby")
  public Response standby(@PathParam("name") String name, @QueryParam("lag") String lag) {
    if (lag == null) {
      return answer(name, Roles::standby);
    }
    try {
      long bytes = Lag.bytes(lag);
      return answer(name, (roles, member) -> roles.standby(member, bytes));
    } catch (IllegalArgumentException e) {
      return Response.status(Response.Status.BAD_REQUEST)
          .entity(Map.of("error", e.getMessage()))
          .build();
    }
  }

  /** Answers, in whatever role. */
  @GET
  @Path("/{name}/health")
  public Response health(@PathParam("name") String name) {
    return answer(name, Roles::health);
  }

  private Response answer(String name, BiFunction<Roles, Watched, Answer> question) {
    Watch watch = loop.watch();
    Watched member = watch.members().get(name);
    if (member == null) {
      String error =
          "no member '" + name + "'; there are: " + String.join(", ", watch.members().keySet());
      return Response.status(Response.Status.NOT_FOUND).entity(Map.of("error", error)).build();
    }
    Answer answer = question.apply(new Roles(watch), member);
    Response.Status status =
        answer.yes() ? Response.Status.OK : Response.Status.SERVICE_UNAVAILABLE;
    String verdict = member.judgement().verdict().name();
    return Response.status(status)
        .entity(new Body(name, member.group(), answer.yes(), verdict, answer.reason()))
        .build();
  }
}
