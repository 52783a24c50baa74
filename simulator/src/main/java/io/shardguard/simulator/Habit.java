package io.shardguard.simulator;

/** What the services' shells do for safety's sake; a test may have them leave one out. */
public enum Habit {
  /** A seal is believed when the walreceiver was seen gone. */
  SEALS_ARE_SEEN,
  /** What was decided is committed before anything is done. */
  INTENT_BEFORE_ACTION,
  /** A new owner ends the sessions of those before it. */
  OLDER_SESSIONS_ARE_SWEPT,
  /** An action uses the session that was open before its intent was committed. */
  SESSIONS_ARE_OLDER_THAN_INTENTS,
  /** An action without an answer is unknown, not done. */
  NO_ANSWER_IS_NOT_DONE,
  /** Kafka refuses the transactions of whoever was replaced. */
  OLD_PRODUCERS_ARE_FENCED,
  /** What an observer saw before a long absence is passed over. */
  OLD_SIGHTS_ARE_PASSED_OVER,
  /** Two-phase commits are settled. */
  TWO_PHASE_COMMITS_ARE_SETTLED,
  /** A CHECKPOINT proves that the primary waits. */
  A_CHECKPOINT_PROVES_WAITING,
  /** Every start is as a standby. */
  STARTS_ARE_AS_STANDBY,
  /** Data is destroyed, and a primary followed, only after a look at the log's end. */
  THE_LOG_IS_READ_TO_ITS_END,
  /** Old primaries are ended. */
  OLD_PRIMARIES_ARE_ENDED,
  /** Rogues are ended. */
  ROGUES_ARE_ENDED,
  /** A member that diverged is rewound or copied. */
  THE_DIVERGED_ARE_REWOUND,
  /** Nobody is routed to before clients may enter. */
  ROUTES_WAIT_FOR_THE_END
}
