package io.shardguard.provisioner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.shardguard.clusterspec.ClusterSpec;
import io.shardguard.clusterspec.ClusterSpecReader;
import io.shardguard.clusterspec.MemberNetwork;
import io.shardguard.eventlog.CommittedLog;
import io.shardguard.events.MemberAddress;
import io.shardguard.events.ProvisionerEvent.ClusterDeclared;
import io.shardguard.events.ProvisionerEvent.ClusterReady;
import io.shardguard.events.ProvisionerEvent.MemberCreated;
import io.shardguard.events.ProvisionerEvent.MemberExited;
import io.shardguard.events.ProvisionerEvent.MemberFenced;
import io.shardguard.events.ProvisionerEvent.MemberRejoined;
import io.shardguard.events.ProvisionerEvent.RejoinMethod;
import io.shardguard.events.Timeline;
import io.shardguard.events.Topics;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The service with real Kafka and PostgreSQL; the test decides who is primary. One life of a
 * cluster, in order.
 */
@QuarkusTest
@WithTestResource(ProvisionerResource.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ProvisionerServiceTest {

  private static final Duration BOUND = Duration.ofSeconds(60);

  @TestHTTPResource("/")
  URI service;

  @ConfigProperty(name = "kafka.bootstrap.servers")
  String kafka;

  TestState state;

  private PlayedCoordinator coordinator;
  private ClusterSpec spec;
  private Timeline workers;

  @BeforeAll
  void begin() throws Exception {
    spec = ClusterSpecReader.read(state.clusterFile(), state.portBase(), MemberNetwork.LOOPBACK);
    coordinator = new PlayedCoordinator(ProvisionerResource.CLUSTER, kafka);
  }

  @AfterAll
  void end() {
    if (coordinator != null) {
      coordinator.close();
    }
  }

  @Test
  @Order(1)
  void makesTheFirstMemberOfEachGroupAndStartsItAsAStandby() throws Exception {
    assertThat(coordinator.awaitEvent(ClusterDeclared.class, any()).groups()).hasSize(2);
    for (String first : List.of("coordinator-a", "worker-1a")) {
      coordinator.awaitEvent(MemberCreated.class, e -> e.member().equals(first));
      await()
          .atMost(BOUND)
          .ignoreExceptions()
          .untilAsserted(() ->
              assertThat(
                      TestSql.value(
                          member(first), "postgres", "postgres", "SELECT pg_is_in_recovery()"))
                  .isEqualTo("t"));
    }
    assertThat(state.member("worker-1b").resolve("data")).doesNotExist();
  }

  @Test
  @Order(2)
  void copiesTheOthersFromThePrimariesAndMakesAClusterOfTheGroups() throws Exception {
    decideFirst(0, "coordinator-a");
    workers = decideFirst(1, "worker-1a");

    for (String standby : List.of("coordinator-b", "worker-1b")) {
      MemberRejoined joined =
          coordinator.awaitEvent(MemberRejoined.class, e -> e.member().equals(standby));
      assertThat(joined.method()).isEqualTo(RejoinMethod.BASE_BACKUP);
    }
    assertThat(coordinator.awaitEvent(ClusterReady.class, any()).groups()).isEqualTo(2);
    assertThat(app("SELECT count(*) FROM citus_get_active_worker_nodes()")).isEqualTo("1");
    assertThat(app("SELECT postgis_lib_version()")).startsWith("3.");
    assertThat(
            TestSql.value(
                member("coordinator-a"),
                "shardguard_monitor",
                "citus",
                "SELECT count(*) FROM pg_dist_node"))
        .isEqualTo("2");
  }

  @Test
  @Order(3)
  void anApplicationDistributesATableAndReadsItBack() throws Exception {
    app("CREATE TABLE t (id int, v text); SELECT create_distributed_table('t', 'id')");
    app("INSERT INTO t SELECT i, 'x' FROM generate_series(1, 100) i");
    assertThat(app("SELECT count(*) FROM t")).isEqualTo("100");
  }

  @Test
  @Order(4)
  void fencesTheOldPrimaryAndBringsItBackByARewindAfterItWroteBeyondTheFork() throws Exception {
    MemberAddress old = member("worker-1a");
    MemberAddress successor = member("worker-1b");
    // Sealed, so that what the old primary writes from now on is nowhere else.
    coordinator.seal(1, spec.group(1).orElseThrow().members(), 1, workers, "worker-1a");
    TestSql.run(successor, "postgres", "postgres", "ALTER SYSTEM SET primary_conninfo = ''");
    TestSql.run(successor, "postgres", "postgres", "SELECT pg_reload_conf()");
    await()
        .atMost(BOUND)
        .until(() ->
            "0"
                .equals(
                    TestSql.value(
                        successor,
                        "postgres",
                        "postgres",
                        "SELECT count(*) FROM pg_stat_wal_receiver")));
    TestSql.run(old, "postgres", "citus", "CREATE TABLE lost AS SELECT generate_series(1, 1000) i");
    long begun = System.nanoTime();
    state.kill("worker-1a");
    MemberExited exited =
        coordinator.awaitEvent(MemberExited.class, e -> e.member().equals("worker-1a"));
    System.out.printf(
        "%s read from Kafka %d ms after the kill%n",
        exited, (System.nanoTime() - begun) / 1_000_000);

    coordinator.beginFailover(
        "t-1", 1, spec.group(1).orElseThrow().members(), 1, workers, "worker-1a");
    MemberFenced fenced =
        coordinator.awaitEvent(MemberFenced.class, e -> e.member().equals("worker-1a"));
    assertThat(fenced.transition()).isEqualTo("t-1");
    coordinator.beginPromotion(
        "t-1", 1, spec.group(1).orElseThrow().members(), 1, workers, "worker-1a", "worker-1b");
    Timeline next = coordinator.promote(successor);
    coordinator.decide(1, spec.group(1).orElseThrow().members(), 2, next, "worker-1b");

    MemberRejoined rejoined =
        coordinator.awaitEvent(MemberRejoined.class, e -> e.member().equals("worker-1a"));
    System.out.println(rejoined);
    assertThat(rejoined.method()).isEqualTo(RejoinMethod.REWIND);
    assertThat(rejoined.primary()).isEqualTo("worker-1b");
    assertThat(TestSql.value(old, "postgres", "citus", "SELECT to_regclass('lost')")).isNull();
    assertThat(
            TestSql.value(
                successor,
                "postgres",
                "postgres",
                "SELECT application_name FROM pg_stat_replication WHERE state = 'streaming'"))
        .isEqualTo("worker-1a");
    workers = next;
  }

  @Test
  @Order(5)
  void restartsAKilledStandbyWhichFollowsAgain() throws Exception {
    int before = coordinator.heard().size();
    state.kill("coordinator-b");
    await()
        .atMost(BOUND)
        .untilAsserted(() ->
            assertThat(coordinator.heard().stream().skip(before).toList())
                .anySatisfy(e ->
                    assertThat(e)
                        .isInstanceOfSatisfying(
                            MemberRejoined.class,
                            r -> assertThat(r.method()).isEqualTo(RejoinMethod.FOLLOW))));
  }

  @Test
  @Order(6)
  void putsUnreadableRecordsAsideAndGoesOn() throws Exception {
    coordinator.send(
        Topics.EVENTS, ProvisionerResource.CLUSTER, "no JSON".getBytes(StandardCharsets.UTF_8));
    coordinator.send(Topics.TOPOLOGY, "x/0", "{".getBytes(StandardCharsets.UTF_8));
    // Taken for the coordinator's, it would have the coordinator's primary ended.
    String withoutGroup =
        "{\"cluster\":\"%1$s\",\"members\":[],\"epoch\":9,\"eligible\":[]}"
            .formatted(ProvisionerResource.CLUSTER);
    coordinator.send(
        Topics.TOPOLOGY,
        ProvisionerResource.CLUSTER + "/1",
        withoutGroup.getBytes(StandardCharsets.UTF_8));
    coordinator.beginFailover(
        "t-2", 1, spec.group(1).orElseThrow().members(), 2, workers, "worker-1b");

    assertThat(
            coordinator.awaitEvent(MemberFenced.class, e -> e.transition().equals("t-2")).member())
        .isEqualTo("worker-1b");
    await().atMost(BOUND).untilAsserted(() -> assertThat(deadStates()).contains("{", withoutGroup));
    assertThat(get("q/health/ready")).contains("\"status\": \"UP\"");
    assertThat(get("q/metrics"))
        .contains("shardguard_rejoins_total")
        .contains("shardguard_member_running");
  }

  @Test
  @Order(7)
  void stopsEveryMemberOnRequestAndStartsNoneAgain() throws Exception {
    HttpResponse<String> stopped =
        http(
            HttpRequest.newBuilder(service.resolve("cluster/stop"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build());

    assertThat(stopped.statusCode()).isEqualTo(200);
    assertThat(stopped.body())
        .contains("\"stopping\":true", "stopped on request")
        .doesNotContain("\"running\":true");
    assertThat(get("cluster")).doesNotContain("\"running\":true");
    assertThat(Files.exists(state.member("worker-1a").resolve("data/postmaster.pid"))).isFalse();
  }

  private List<String> deadStates() throws Exception {
    List<String> dead = new ArrayList<>();
    new CommittedLog(kafka)
        .readToEnd(
            Topics.TOPOLOGY + Topics.DLQ_SUFFIX,
            null,
            BOUND,
            row -> dead.add(new String(row.value(), StandardCharsets.UTF_8)));
    return dead;
  }

  private Timeline decideFirst(int group, String primary) throws Exception {
    Timeline timeline = coordinator.promote(member(primary));
    coordinator.decide(group, spec.group(group).orElseThrow().members(), 1, timeline, primary);
    return timeline;
  }

  private MemberAddress member(String name) {
    return spec.members().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
  }

  private String app(String sql) throws Exception {
    if (sql.startsWith("SELECT")) {
      return TestSql.value(member("coordinator-a"), "app", "citus", sql);
    }
    TestSql.run(member("coordinator-a"), "app", "citus", sql);
    return "";
  }

  private String get(String path) throws Exception {
    return http(HttpRequest.newBuilder(service.resolve(path)).build()).body();
  }

  private static HttpResponse<String> http(HttpRequest request) throws Exception {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(request, HttpResponse.BodyHandlers.ofString());
    }
  }

  private static <E> Predicate<E> any() {
    return event -> true;
  }
}
