package io.shardguard.provisioner.docker;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Event;
import java.io.Closeable;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Watches an engine's stream of events, for ever: when it breaks it is opened anew, and somebody is
 * told to look for what was missed.
 */
final class EngineWatch implements Runnable {

  private static final Duration AGAIN = Duration.ofMillis(500);

  /** An end that no event told of is found after this time. */
  private static final Duration LOOK = Duration.ofSeconds(5);

  private static final String LOOK_NOW = "";

  private final DockerEngine engine;
  private final Map<String, String> labels;
  private final Listener listener;
  private final BlockingQueue<String> ends = new LinkedBlockingQueue<>();
  private volatile String trouble = "the Docker engine has not answered yet";
  private volatile boolean closed;

  /** Who is told. */
  interface Listener {

    /** A container ended. */
    void ended(String container) throws IOException, InterruptedException;

    /** Any may have ended. */
    void look() throws IOException, InterruptedException;
  }

  EngineWatch(DockerEngine engine, Map<String, String> labels, Listener listener) {
    this.engine = engine;
    this.labels = labels;
    this.listener = listener;
  }

  /** What is wrong with the engine; empty if nothing is. */
  String trouble() {
    return trouble;
  }

  void close() {
    closed = true;
    ends.add(LOOK_NOW);
  }

  @Override
  public void run() {
    while (!closed) {
      try {
        watch();
      } catch (IOException | RuntimeException e) {
        trouble = String.valueOf(e.getMessage());
      } catch (InterruptedException e) {
        return;
      }
      pause();
    }
  }

  private void watch() throws IOException, InterruptedException {
    Stream stream = new Stream();
    try (Closeable open = engine.ends(labels, stream)) {
      trouble = "";
      listener.look();
      while (!closed && !stream.broken) {
        String container = ends.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
        if (container == null || container.equals(LOOK_NOW)) {
          listener.look();
        } else {
          listener.ended(container);
        }
      }
    }
  }

  private static void pause() {
    try {
      Thread.sleep(AGAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private final class Stream extends ResultCallback.Adapter<Event> {

    private volatile boolean broken;

    @Override
    public void onNext(Event event) {
      ends.add(event.getActor().getAttributes().getOrDefault("name", LOOK_NOW));
    }

    @Override
    public void onError(Throwable failure) {
      broken = true;
      ends.add(LOOK_NOW);
    }

    @Override
    public void onComplete() {
      super.onComplete();
      broken = true;
      ends.add(LOOK_NOW);
    }
  }
}
