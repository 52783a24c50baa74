package io.shardguard.cli.replay;

import io.shardguard.failover.replay.PolicySettings;
import java.util.Map;
import java.util.TreeMap;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** The option {@code --set}: another setting of failover-coordinator. */
public final class PolicyOption {

  private PolicyOption() {}

  /**
   * The settings by the names that a decision's basis has.
   *
   * @param given by the names of the configuration
   * @throws ParameterException if there is no such setting, or it cannot have that value
   */
  public static Map<String, String> named(Map<String, String> given, CommandSpec command) {
    try {
      Map<String, String> named = new TreeMap<>();
      given.forEach((key, value) -> named.put(PolicySettings.name(key), value));
      PolicySettings.policy(named);
      return named;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), "--set: " + e.getMessage());
    }
  }
}
