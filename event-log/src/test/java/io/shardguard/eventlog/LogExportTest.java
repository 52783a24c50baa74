package io.shardguard.eventlog;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.shardguard.events.EventCodec;
import io.shardguard.events.Topics;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class LogExportTest {

  private static String kafka;

  private final Instant noon = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private final String cluster = "c" + UUID.randomUUID();

  @BeforeAll
  static void topics() throws Exception {
    kafka = Broker.shared().bootstrapServers();
    KafkaTopics.createMissing(kafka, (short) 1, Broker.BOUND);
  }

  @Test
  void everyRecordOfTheClusterIsALineWithItsPlace() throws Exception {
    put(Topics.EVENTS, cluster, "{\"n\":1,\n \"text\":\"ä\"}", noon);
    put(Topics.EVENTS, cluster + "-other", "{}", noon);
    put(Topics.TOPOLOGY, cluster + "/0", "{\"n\":2}", noon);
    List<JsonNode> lines = export(null, null);
    // Others read this topic as well.
    put(Topics.TOPOLOGY, cluster + "/0", null, noon);
    assertThat(lines).hasSize(2);
    assertThat(lines.getFirst().path("topic").asText()).isEqualTo(Topics.EVENTS);
    assertThat(lines.getFirst().path("key").asText()).isEqualTo(cluster);
    assertThat(lines.getFirst().path("timestamp").asText()).isEqualTo(noon.toString());
    assertThat(lines.getFirst().path("partition").isInt()).isTrue();
    assertThat(lines.getFirst().path("offset").isNumber()).isTrue();
    assertThat(lines.getFirst().at("/value/text").asText()).isEqualTo("ä");
    assertThat(lines.get(1).at("/value/n").asInt()).isEqualTo(2);
  }

  @Test
  void whatIsNotJsonIsKeptAsItIs() throws Exception {
    for (String torn : List.of("{\"n\":", "{} {}", "")) {
      put(Topics.EVENTS, cluster, torn, noon);
    }
    put(Topics.EVENTS, cluster, null, noon);
    List<JsonNode> lines = export(null, null);
    assertThat(lines.subList(0, 3))
        .extracting(line -> new String(line.path("valueBase64").binaryValue()))
        .containsExactly("{\"n\":", "{} {}", "");
    assertThat(lines.get(3).path("value").isNull()).isTrue();
  }

  @Test
  void whatIsOlderOrLaterIsLeftOut() throws Exception {
    for (int second = -2; second <= 2; second++) {
      put(Topics.EVENTS, cluster, "{\"n\":" + second + "}", noon.plusSeconds(second));
    }
    assertThat(export(noon.minusSeconds(1), noon.plusSeconds(1)))
        .extracting(line -> line.at("/value/n").asInt())
        .containsExactly(-1, 0, 1);
  }

  private List<JsonNode> export(Instant since, Instant until) throws Exception {
    StringWriter text = new StringWriter();
    long written =
        new LogExport(kafka, cluster)
            .write(List.of(Topics.EVENTS, Topics.TOPOLOGY), since, until, Broker.BOUND, text);
    List<JsonNode> lines = new ArrayList<>();
    for (String line : text.toString().lines().toList()) {
      lines.add(new EventCodec().mapper().readTree(line));
    }
    assertThat(lines).hasSize((int) written);
    return lines;
  }

  private static void put(String topic, String key, String value, Instant at) throws Exception {
    try (KafkaProducer<String, byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", kafka),
            new StringSerializer(),
            new ByteArraySerializer())) {
      byte[] bytes = value == null ? null : value.getBytes(StandardCharsets.UTF_8);
      producer
          .send(new ProducerRecord<>(topic, null, at.toEpochMilli(), key, bytes))
          .get(60, TimeUnit.SECONDS);
    }
  }
}
