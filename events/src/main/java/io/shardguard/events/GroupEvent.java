package io.shardguard.events;

/** What the records about one group have in common. */
interface GroupEvent {

  /** Citus' group id: 0 is the coordinator, 1 and up are workers. */
  int group();
}
