package io.shardguard.systemtests;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** Writes records into a running cluster's topics that should not be there. */
final class BadInput implements AutoCloseable {

  private static final String OBSERVATIONS = "shardguard.observations";
  private static final String EVENTS = "shardguard.events";
  private static final String COMMANDS = "shardguard.commands";
  private static final String TOPOLOGY = "shardguard.topology";

  private final KafkaRecords records;
  private final String cluster;
  private final KafkaProducer<String, byte[]> producer;

  BadInput(String servers, String cluster) {
    this.records = new KafkaRecords(servers);
    this.cluster = cluster;
    this.producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", servers),
            new StringSerializer(),
            new ByteArraySerializer());
  }

  /** A record as it was sent. */
  record Sent(String topic, byte[] value) {

    @Override
    public String toString() {
      return topic + ": " + new String(value, StandardCharsets.UTF_8);
    }
  }

  /**
   * Sends what cannot be read: no JSON, an LSN that is none, a command of a later version; and as
   * the newest state of groups: one that is torn, and one from a later version, in turn.
   */
  List<Sent> sendUnreadable(List<Integer> groups) throws Exception {
    byte[] noText = {0, -1, 1, '{'};
    List<Sent> sent = new ArrayList<>();
    for (String topic : List.of(OBSERVATIONS, EVENTS, COMMANDS)) {
      sent.add(send(topic, cluster, noText));
    }
    sent.add(send(OBSERVATIONS, cluster, observation(seen(1, "worker-1a", "0/16B37G0"))));
    sent.add(
        send(
            EVENTS,
            cluster,
            record(
                "standby-attached.v1",
                """
                {"group":1,"standby":"worker-1b","primary":"worker-1a","flushLsn":"later"}\
                """)));
    sent.add(send(COMMANDS, cluster, record("command.switch-over.v9", "{\"group\":1}")));
    for (int group : groups) {
      String key = cluster + "/" + group;
      byte[] state = newest(TOPOLOGY, key);
      boolean torn = group % 2 == 0;
      sent.add(send(TOPOLOGY, key, torn ? Arrays.copyOf(state, state.length / 2) : later(state)));
    }
    return sent;
  }

  /** Sends what can be read, about groups and members that there are not. */
  void sendWhatConcernsNobody() throws Exception {
    send(OBSERVATIONS, cluster, observation(seen(1, "nobody", "0/16B3740")));
    send(OBSERVATIONS, cluster, observation(seen(77, "worker-1a-of-another", "0/16B3740")));
    send(
        EVENTS,
        cluster,
        record("member-exited.v1", "{\"group\":77,\"member\":\"nobody\",\"reason\":\"signal 9\"}"));
    send(COMMANDS, cluster, record("command.pause.v1", "{\"group\":99}"));
    send(
        COMMANDS,
        cluster,
        record("command.start-maintenance.v1", "{\"group\":1,\"member\":\"nobody\"}"));
  }

  /** Those of which no dlq has a copy with a reason. */
  List<Sent> withoutReasonInDlq(List<Sent> sent) {
    List<Sent> missing = new ArrayList<>(sent);
    for (String topic : List.of(OBSERVATIONS, EVENTS, COMMANDS, TOPOLOGY)) {
      for (ConsumerRecord<String, byte[]> row : records.of(topic + ".dlq")) {
        Header reason = row.headers().lastHeader("dead-letter-reason");
        if (reason != null && reason.value().length > 0) {
          missing.removeIf(
              each -> each.topic().equals(topic) && Arrays.equals(each.value(), row.value()));
        }
      }
    }
    return missing;
  }

  @Override
  public void close() {
    producer.close();
  }

  private Sent send(String topic, String key, byte[] value) throws Exception {
    producer.send(new ProducerRecord<>(topic, key, value)).get();
    return new Sent(topic, value);
  }

  /** A state whose transition is at a step that this version does not know. */
  private static byte[] later(byte[] state) {
    String text = new String(state, StandardCharsets.UTF_8);
    String transition =
        """
        ,"transition":{"id":"g1-e99-1","kind":"FAILOVER","epoch":99,"startedAt":"%s",\
        "step":{"at":"teleporting","standby":"worker-1b"}}}\
        """
            .formatted(Instant.now());
    return (text.substring(0, text.lastIndexOf('}')) + transition).getBytes(StandardCharsets.UTF_8);
  }

  private byte[] observation(String member) {
    String data =
        """
        {"observer":"stranger","at":"%s","isolated":false,"members":[%s]}\
        """
            .formatted(Instant.now(), member);
    return record("observation.v1", data);
  }

  private static String seen(int group, String member, String lsn) {
    return """
    {"group":%d,"member":"%s","verdict":"UP","lastAnswer":"%s","status":{"inRecovery":false,\
    "timeline":1,"flushLsn":"%s","synchronousStandbyNames":"","synchronousCommit":"on",\
    "downstreams":[],"postmasterStart":"%s"}}\
    """
        .formatted(group, member, Instant.now(), lsn, Instant.EPOCH);
  }

  private byte[] record(String type, String data) {
    return """
    {"specversion":"1.0","id":"%s","source":"stranger","type":"io.shardguard.%s","time":"%s",\
    "cluster":"%s","subject":"%s","causes":[],"data":%s}\
    """
        .formatted(type + System.nanoTime(), type, Instant.now(), cluster, cluster, data)
        .getBytes(StandardCharsets.UTF_8);
  }

  private byte[] newest(String topic, String key) {
    return records.of(topic).stream()
        .filter(row -> key.equals(row.key()))
        .map(ConsumerRecord::value)
        .reduce((earlier, later) -> later)
        .orElseThrow();
  }
}
