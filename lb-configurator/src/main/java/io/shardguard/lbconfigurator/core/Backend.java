package io.shardguard.lbconfigurator.core;

import java.util.Locale;
import java.util.Optional;

/** Where a client's port leads. */
public enum Backend {
  /** The coordinator's primary. */
  WRITE,
  /** The coordinator's standbys. */
  READ,
  /** Every group's primary. */
  ANY;

  /** The name in HAProxy's configuration. */
  public String wireName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The backend of this name in HAProxy; empty for one that is not ours. */
  public static Optional<Backend> named(String wireName) {
    for (Backend backend : values()) {
      if (backend.wireName().equals(wireName)) {
        return Optional.of(backend);
      }
    }
    return Optional.empty();
  }
}
