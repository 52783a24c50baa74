package io.shardguard.cli.local;

/** The four services of the control plane. */
public enum Service {
  PROVISIONER("provisioner", 30),
  HEALTH_MONITOR("health-monitor", 31),
  FAILOVER_COORDINATOR("failover-coordinator", 32),
  LB_CONFIGURATOR("lb-configurator", 33);

  private final String programName;
  private final int portOffset;

  Service(String programName, int portOffset) {
    this.programName = programName;
    this.portOffset = portOffset;
  }

  /** Its name as a module, a supervised program and a log file. */
  public String programName() {
    return programName;
  }

  int portOffset() {
    return portOffset;
  }
}
