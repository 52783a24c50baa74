package io.shardguard.cli.drill.fault;

/** The supervised parts of the control plane. */
public enum ControlPart {
  HEALTH_MONITOR("health-monitor"),
  FAILOVER_COORDINATOR("failover-coordinator"),
  PROVISIONER("provisioner"),
  LB_CONFIGURATOR("lb-configurator"),
  KAFKA("kafka");

  private final String programName;

  ControlPart(String programName) {
    this.programName = programName;
  }

  /** Its name as a supervised program. */
  public String programName() {
    return programName;
  }
}
