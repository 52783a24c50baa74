package io.shardguard.cli.local;

import java.util.ArrayList;
import java.util.List;

/**
 * One process of a service; health-monitor may have several, each an observer, and containers have
 * two of failover-coordinator.
 *
 * @param number from 1
 */
record ServiceProcess(Service service, int number) {

  /** The second observer's port, counted from the base; the further ones follow. */
  private static final int SECOND_OBSERVER = 34;

  /** The port of the second failover-coordinator. */
  private static final int SECOND_COORDINATOR = 38;

  /** Every process of a cluster with so many observers. */
  static List<ServiceProcess> all(int observers) {
    return all(observers, 1);
  }

  /** Every process of a cluster with so many observers and failover-coordinators. */
  static List<ServiceProcess> all(int observers, int coordinators) {
    List<ServiceProcess> all = new ArrayList<>();
    for (Service service : Service.values()) {
      int processes =
          switch (service) {
            case HEALTH_MONITOR -> observers;
            case FAILOVER_COORDINATOR -> coordinators;
            case PROVISIONER, LB_CONFIGURATOR -> 1;
          };
      for (int number = 1; number <= processes; number++) {
        all.add(new ServiceProcess(service, number));
      }
    }
    return List.copyOf(all);
  }

  /** Its name as a supervised program and a log file. */
  String programName() {
    return number == 1 ? service.programName() : service.programName() + "-" + number;
  }

  /** Its HTTP port, counted from the base. */
  int portOffset() {
    if (number == 1) {
      return service.portOffset();
    }
    return service == Service.FAILOVER_COORDINATOR
        ? SECOND_COORDINATOR
        : SECOND_OBSERVER + number - 2;
  }

  /** The name of an observer in what it writes. */
  String observer() {
    return "monitor-" + number;
  }
}
