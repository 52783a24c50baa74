package io.shardguard.lbconfigurator.core;

/**
 * The text of a configuration file.
 *
 * @param hash tells the text from every other; HAProxy shows it as its description
 */
public record HaproxyConfig(String hash, String text) {}
