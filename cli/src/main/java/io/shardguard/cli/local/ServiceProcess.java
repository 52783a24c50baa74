package io.shardguard.cli.local;

import java.util.ArrayList;
import java.util.List;

/**
 * One process of a service; only health-monitor may have several, each an observer.
 *
 * @param number from 1
 */
record ServiceProcess(Service service, int number) {

  /** The second observer's port, counted from the base; the further ones follow. */
  private static final int SECOND_OBSERVER = 34;

  /** Every process of a cluster with so many observers. */
  static List<ServiceProcess> all(int observers) {
    List<ServiceProcess> all = new ArrayList<>();
    for (Service service : Service.values()) {
      int processes = service == Service.HEALTH_MONITOR ? observers : 1;
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
    return number == 1 ? service.portOffset() : SECOND_OBSERVER + number - 2;
  }

  /** The name of an observer in what it writes. */
  String observer() {
    return "monitor-" + number;
  }
}
