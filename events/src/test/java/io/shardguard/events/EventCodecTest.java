package io.shardguard.events;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.shardguard.events.EventCodec.UnreadableException;
import io.shardguard.events.TransitionEvent.TransitionStarted;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EventCodecTest {

  private static final String HEAD =
      "'specversion':'1.0','id':'1','source':'s','time':'2026-11-23T08:00:00Z','cluster':'demo','subject':'demo/1'";

  private final EventCodec codec = new EventCodec();

  @Test
  void everyWireNameIsLowerCaseWithAVersionAtItsEnd() {
    assertThat(EventCodec.types().keySet())
        .allMatch(name -> name.matches("io\\.shardguard\\.[a-z]+(-[a-z]+)*\\.v[1-9]\\d*"));
  }

  @Test
  void noTwoEventsShareAWireName() {
    Set<Class<?>> leaves = new HashSet<>();
    collect(Event.class, leaves);
    assertThat(EventCodec.types().values()).hasSameSizeAs(leaves);
  }

  @Test
  void aTypeThatIsUnknownHereIsEmptyAndNoError() throws Exception {
    assertThat(
            codec.readEvent(
                json("{" + HEAD + ",'type':'io.shardguard.invented.v1','data':{'x':1}}")))
        .isEmpty();
  }

  @Test
  void aLaterVersionOfAKnownTypeIsUnknown() throws Exception {
    assertThat(codec.readEvent(json("{" + HEAD + ",'type':'io.shardguard.node-up.v2','data':{}}")))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\u0000\u0001",
        "not JSON",
        "null",
        "[]",
        "'text'",
        "{}",
        "{" + HEAD + "}",
        "{" + HEAD + ",'type':7,'data':{}}",
        "{" + HEAD + ",'type':'io.shardguard.node-up.v1'}",
        "{" + HEAD + ",'type':'io.shardguard.node-up.v1','data':null}",
        "{" + HEAD + ",'type':'io.shardguard.node-up.v1','data':[]}",
        "{" + HEAD + ",'type':'io.shardguard.node-up.v1','data':{'group':'one'}}",
        "{" + HEAD + ",'type':'io.shardguard.node-up.v1','causes':null,'data':{'group':1}}",
        "{" + HEAD + ",'type':'io.shardguard.node-down.v1','data':{'diagnosis':'BORED'}}",
        "{" + HEAD + ",'type':'io.shardguard.standby-sealed.v1','data':{'lsn':'nowhere'}}",
        "{" + HEAD + ",'type':'io.shardguard.standby-sealed.v1','data':{'timeline':0}}",
        "{" + HEAD + ",'type':'io.shardguard.transition-started.v1','data':{'epoch':-1}}",
        "{'type':'io.shardguard.node-up.v1','data':{'group':1}}"
      })
  void whatIsNoEventIsUnreadable(String text) {
    assertThatThrownBy(() -> codec.readEvent(json(text))).isInstanceOf(UnreadableException.class);
  }

  @Test
  void aTimeThatIsNoneIsUnreadable() {
    String head = HEAD.replace("2026-11-23T08:00:00Z", "yesterday");
    String text = "{" + head + ",'type':'io.shardguard.node-up.v1','data':{}}";
    assertThatThrownBy(() -> codec.readEvent(json(text))).isInstanceOf(UnreadableException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "not JSON",
        "null",
        "[]",
        "{}",
        "{" + HEAD + ",'type':'io.shardguard.observation.v1'}"
      })
  void whatIsNoObservationIsUnreadable(String text) {
    assertThatThrownBy(() -> codec.readObservation(json(text)))
        .isInstanceOf(UnreadableException.class);
  }

  @Test
  void anEventIsNoObservation() {
    byte[] event =
        json(
            "{"
                + HEAD
                + ",'type':'io.shardguard.node-up.v1','data':{'group':1,'member':'worker-1a'}}");
    assertThatThrownBy(() -> codec.readObservation(event)).isInstanceOf(UnreadableException.class);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "not JSON", "null", "[]", "{}", "{'transition':{'step':{'at':'resting'}}}"})
  void whatIsNoGroupsStateIsUnreadable(String text) {
    assertThatThrownBy(() -> codec.readTopology(json(text)))
        .isInstanceOf(UnreadableException.class);
  }

  /** Each of them would end whoever looks at the part that is missing. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'members':[null]",
        "'members':[{'name':'a','port':1}]",
        "'eligible':[null]",
        "'primary':'a'",
        "'failovers':[null]",
        "'transition':{}",
        "'transition':{'id':'t','kind':'FAILOVER','epoch':2,'startedAt':'2026-11-23T08:00:00Z','step':{'at':'sealing'}}",
        "'attach':{}",
        "'detach':{}",
        "'orders':{'pause':{}}",
        "'loss':{}",
        "'barred':{}",
        "'refusal':'BORED'"
      })
  void aStateThatLacksWhatItsReadersRelyOnIsUnreadable(String part) {
    String whole = "'cluster':'demo','group':1,'epoch':1,'members':[],'eligible':[]";
    assertThatCode(() -> codec.readTopology(json("{" + whole + "}"))).doesNotThrowAnyException();
    assertThatThrownBy(() -> codec.readTopology(json("{" + whole + "," + part + "}")))
        .isInstanceOf(UnreadableException.class);
  }

  @Test
  void fieldsOfALaterVersionAreReadOver() throws Exception {
    byte[] later =
        json(
            "{'cluster':'demo','group':1,'epoch':1,'members':[],'eligible':[],'mood':'good','attach':{'standby':'a','why':1}}");
    assertThat(codec.readTopology("demo/1", later).attach().standby()).isEqualTo("a");
  }

  @Test
  void aStateThatLostItsGroupIsNotThatOfTheCoordinator() {
    byte[] torn = json("{'cluster':'demo','epoch':1,'members':[],'eligible':[]}");
    assertThatThrownBy(() -> codec.readTopology("demo/1", torn))
        .isInstanceOf(UnreadableException.class)
        .hasMessageContaining("demo/0 under the key demo/1");
  }

  @Test
  void aRecordWithoutAValueIsUnreadable() {
    assertThatThrownBy(() -> codec.readEvent(null)).isInstanceOf(UnreadableException.class);
    assertThatThrownBy(() -> codec.readCommand(null)).isInstanceOf(UnreadableException.class);
    assertThatThrownBy(() -> codec.readObservation(null)).isInstanceOf(UnreadableException.class);
  }

  @Test
  void aGroupThatNeverHadAPrimaryHasNoneInItsFirstTransition() throws Exception {
    TransitionStarted formation =
        new TransitionStarted(
            0,
            "g0-e1-1",
            TransitionKind.FORMATION,
            new Epoch(1),
            null,
            true,
            List.of("a"),
            "made anew",
            List.of());
    byte[] written =
        codec.write(EventCodec.envelope("1", "test", Instant.EPOCH, "demo", List.of(), formation));
    assertThat(codec.readEvent(written).orElseThrow().data()).isEqualTo(formation);
  }

  @Test
  void anEventWithoutABasisHasNone() throws Exception {
    byte[] event = json("{" + HEAD + ",'type':'io.shardguard.node-up.v1','data':{'group':1}}");
    assertThat(codec.readBasis(event)).isEmpty();
  }

  /** Services need the event, not what it rested on. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "7",
        "{}",
        "{'input':{}}",
        "{'input':{'kind':'DREAM'}}",
        "{'input':{'kind':'COMMAND','command':{'type':'io.shardguard.command.invented.v1'}}}"
      })
  void aBasisThatCannotBeReadSpoilsNoEvent(String basis) throws Exception {
    byte[] event =
        json(
            "{"
                + HEAD
                + ",'type':'io.shardguard.node-up.v1','data':{'group':1},'basis':"
                + basis
                + "}");
    assertThat(codec.readEvent(event)).isPresent();
    assertThatThrownBy(() -> codec.readBasis(event)).isInstanceOf(UnreadableException.class);
  }

  @Test
  void anEventWithoutCausesLeavesTheFieldOut() {
    byte[] written =
        codec.write(
            EventCodec.envelope(
                "1",
                "test",
                Instant.EPOCH,
                "demo",
                List.of(),
                new ProvisionerEvent.ClusterReady(1, 2)));
    assertThat(new String(written, StandardCharsets.UTF_8)).doesNotContain("causes");
  }

  private static void collect(Class<?> type, Set<Class<?>> leaves) {
    if (type.isSealed()) {
      for (Class<?> permitted : type.getPermittedSubclasses()) {
        collect(permitted, leaves);
      }
    } else {
      leaves.add(type);
    }
  }

  /** JSON with the other quotes, for the eye. */
  private static byte[] json(String text) {
    return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
  }
}
