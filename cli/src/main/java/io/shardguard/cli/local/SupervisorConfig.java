package io.shardguard.cli.local;

import java.nio.file.Path;
import java.util.stream.Collectors;

/** Renders supervisord.conf: what runs beside the members, and what happens when it dies. */
final class SupervisorConfig {

  private static final String JVM_FLAGS =
      "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -XX:+ExitOnOutOfMemoryError";
  private static final String SERVICE_HEAP = "-Xmx64m ";

  /** With less, requests that pile up on a machine that is far too busy end the broker. */
  private static final String KAFKA_HEAP = "-Xmx96m ";

  private static final String KAFKA = "kafka";
  private static final String HAPROXY = "haproxy";

  private final Installation installation;
  private final StateDirectory state;
  private final Path java;
  private final int preference;

  /**
   * @param preference by how much everything here comes before the members, in steps of niceness
   */
  SupervisorConfig(Installation installation, Path javaHome, int preference) {
    this.preference = preference;
    this.installation = installation;
    this.state = installation.state();
    this.java = javaHome.resolve("bin/java");
  }

  String render() {
    StringBuilder config = new StringBuilder(daemon());
    config.append(services());
    config.append(program(KAFKA, 10, kafka(), ""));
    config.append(program(HAPROXY, 20, haproxy(), ""));
    for (ServiceProcess process : installation.services()) {
      config.append(
          program(process.programName(), 30, command(process.service()), environment(process)));
    }
    return config.toString();
  }

  private String daemon() {
    return """
    ; Written by ./shardguard up.
    [unix_http_server]
    file=%1$s
    chmod=0700

    [supervisord]
    logfile=%2$s/supervisord.log
    logfile_maxbytes=5MB
    logfile_backups=2
    pidfile=%3$s
    childlogdir=%2$s
    directory=%4$s
    umask=027

    [rpcinterface:supervisor]
    supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface

    [supervisorctl]
    serverurl=unix://%1$s
    """
        .formatted(
            escaped(state.supervisorSocket()),
            escaped(state.log()),
            escaped(state.supervisorPid()),
            escaped(state.root()));
  }

  /** supervisord stops groups one after the other, and the programs of a group together. */
  private String services() {
    return """

    [group:services]
    priority=30
    programs=%s
    """
        .formatted(
            installation.services().stream()
                .map(ServiceProcess::programName)
                .collect(Collectors.joining(",")));
  }

  /**
   * One program. Not stopasgroup: the provisioner starts the members, and their end is its business
   * alone. A low priority starts first and stops last.
   */
  private String program(String name, int priority, String command, String environment) {
    return """

    [program:%1$s]
    command=%2$s
    environment=HOME="%3$s"%4$s
    priority=%5$d
    autostart=true
    autorestart=true
    startsecs=1
    startretries=1000000
    stopsignal=TERM
    stopwaitsecs=20
    redirect_stderr=true
    stdout_logfile=%6$s/%1$s.log
    stdout_logfile_maxbytes=10MB
    stdout_logfile_backups=3
    """
        .formatted(
            name, command, escaped(state.root()), environment, priority, escaped(state.log()));
  }

  private String kafka() {
    Path broker = Artefacts.broker(state);
    return "%s %s -cp \"%s/broker.jar:%s/lib/*\" io.shardguard.broker.KafkaBroker --data %s --port %d --controller-port %d"
        .formatted(
            escaped(java),
            KAFKA_HEAP + JVM_FLAGS,
            escaped(broker),
            escaped(broker),
            quoted(state.kafka()),
            installation.ports().kafka(),
            installation.ports().kafkaController());
  }

  /** HAProxy waits for its first configuration, which lb-configurator writes. */
  private String haproxy() {
    return "/bin/sh -c 'until [ -s \"$0\" ]; do sleep 0.1; done; exec haproxy -W -db -S \"$1\" -f \"$0\"' %s %s"
        .formatted(quoted(state.haproxyConfig()), quoted(state.haproxy().resolve("master.sock")));
  }

  private String command(Service service) {
    // What the provisioner starts, the members, is not preferred.
    String nice =
        service == Service.PROVISIONER && preference > 0 ? "nice -n " + preference + " " : "";
    return "%s%s %s -jar %s"
        .formatted(
            nice,
            escaped(java),
            SERVICE_HEAP + JVM_FLAGS,
            quoted(Artefacts.service(state, service).resolve("quarkus-run.jar")));
  }

  private String environment(ServiceProcess process) {
    String observer =
        process.service() == Service.HEALTH_MONITOR
            ? ",SHARDGUARD_MONITOR_OBSERVER=\"" + process.observer() + "\""
            : "";
    return ",SMALLRYE_CONFIG_LOCATIONS=\"%s\",QUARKUS_HTTP_PORT=\"%d\"%s"
        .formatted(escaped(state.properties()), installation.ports().http(process), observer);
  }

  private static String quoted(Path path) {
    return "\"" + escaped(path) + "\"";
  }

  /** A percent sign begins an expansion in supervisor's files. */
  private static String escaped(Path path) {
    return path.toString().replace("%", "%%");
  }
}
