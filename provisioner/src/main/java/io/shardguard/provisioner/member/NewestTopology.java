package io.shardguard.provisioner.member;

import io.shardguard.events.GroupTopology;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * The state of a group as of now: the log read to its end, for those who are about to destroy data.
 */
@FunctionalInterface
public interface NewestTopology {

  /**
   * Reads.
   *
   * @return empty if nothing was ever decided for the group
   * @throws TimeoutException if the end was not reached: then nothing may be destroyed
   */
  Optional<GroupTopology> of(int group) throws TimeoutException;
}
