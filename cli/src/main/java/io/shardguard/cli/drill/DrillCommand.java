package io.shardguard.cli.drill;
import picocli.CommandLine.Command;
@Command(name = "drill")
public final class DrillCommand implements Runnable { public void run() {} }
