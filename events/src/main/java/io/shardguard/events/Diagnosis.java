package io.shardguard.events;

/**
 * What is wrong with a member, strongest evidence first. The text is the one sentence that people
 * read.
 */
public enum Diagnosis {
  PROCESS_EXITED("The runtime saw the member's process end."),
  CONNECTION_REFUSED_WITNESSED(
      "New connections are refused, and the other side of its replication lost it too."),
  CONNECTION_REFUSED("New connections are refused, with no replication partner to witness it."),
  SILENT_WITNESSED(
      "The member does not answer, and the other side of its replication hears nothing from it either."),
  SILENT("The member does not answer, with no replication partner to witness it."),
  UNREACHABLE("Observers get no answer, but a standby still streams from it."),
  NO_NEW_SESSIONS("Open sessions answer, but new ones are not accepted."),
  STARTING("The server is starting up or shutting down (SQLSTATE 57P03)."),
  TOO_MANY_CONNECTIONS("All connection slots are taken (SQLSTATE 53300); the server lives.");

  private final String sentence;

  Diagnosis(String sentence) {
    this.sentence = sentence;
  }

  /** The diagnosis in one sentence. */
  public String sentence() {
    return sentence;
  }
}
