package io.shardguard.cli.local;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The TCP ports of a cluster on this machine, all on 127.0.0.1; members have their own addresses
 * and their own port.
 *
 * @param base the lowest
 */
public record Ports(int base) {

  /** Where a cluster's ports begin if nobody says otherwise. */
  public static final int DEFAULT_BASE = 7400;

  /** The distance from the lowest to the highest port. */
  public static final int SPAN = 38;

  /** HAProxy: the coordinator group's primary. */
  public int write() {
    return base;
  }

  /** HAProxy: the coordinator group's standbys. */
  public int read() {
    return base + 1;
  }

  /** HAProxy: the primary of any group; with Citus only. */
  public int any() {
    return base + 2;
  }

  /** HAProxy: statistics page and Prometheus metrics. */
  public int stats() {
    return base + 3;
  }

  /** PostgreSQL, on each member's own address, unless the declaration says otherwise. */
  public int member() {
    return base + 10;
  }

  /** Kafka's clients. */
  public int kafka() {
    return base + 20;
  }

  /**
   * The clients of one of several brokers.
   *
   * @param broker its number, from 1
   */
  public int kafka(int broker) {
    return broker == 1 ? kafka() : base + 20 + broker;
  }

  /** Kafka's own quorum. */
  public int kafkaController() {
    return base + 21;
  }

  /** The HTTP port of a service. */
  public int http(Service service) {
    return http(new ServiceProcess(service, 1));
  }

  /** The HTTP port of one of its processes. */
  int http(ServiceProcess process) {
    return base + process.portOffset();
  }

  /** Every port on 127.0.0.1 of a cluster with so many observers, with what it is for. */
  public Map<Integer, String> onLocalhost(int observers) {
    return onLocalhost(ServiceProcess.all(observers));
  }

  /** Every port on 127.0.0.1 of a cluster with these services, with what it is for. */
  Map<Integer, String> onLocalhost(List<ServiceProcess> services) {
    Map<Integer, String> ports = new LinkedHashMap<>();
    ports.put(write(), "HAProxy, writes");
    ports.put(read(), "HAProxy, reads");
    ports.put(any(), "HAProxy, any group");
    ports.put(stats(), "HAProxy, statistics");
    ports.put(kafka(), "Kafka");
    ports.put(kafkaController(), "Kafka's controller");
    for (ServiceProcess process : services) {
      ports.put(http(process), process.programName());
    }
    return ports;
  }
}
