package io.shardguard.provisioner.docker;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A conversation with {@code member-disk} in a container: a request is a line, and so is its
 * answer. Used by one thread at a time.
 */
final class DiskSession implements AutoCloseable {

  private static final String ENDED = "";

  private final Requests requests = new Requests();
  private final BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private final Closeable process;

  DiskSession(DockerEngine engine, String container) throws IOException, InterruptedException {
    process = engine.connect(container, List.of("member-disk"), requests, new Answers());
  }

  /**
   * Asks.
   *
   * @return what follows {@code ok}
   * @throws IOException if the answer is an error, or none comes within {@code limit}; the session
   *     is of no more use in the second case
   */
  String ask(String request, Duration limit)
      throws IOException, InterruptedException, BrokenException {
    requests.lines.add((request + "\n").getBytes(StandardCharsets.UTF_8));
    String answer = answers.poll(limit.toMillis(), TimeUnit.MILLISECONDS);
    if (answer == null) {
      throw new BrokenException(
          "a member's disk did not answer within " + limit.toSeconds() + " s");
    }
    if (answer.equals(ENDED)) {
      throw new BrokenException("the session to a member's disk ended");
    }
    if (answer.startsWith("ok")) {
      return answer.substring(2).strip();
    }
    throw new IOException(answer);
  }

  /** Whether it has ended, and what is asked of it would not be heard. */
  boolean ended() {
    return ENDED.equals(answers.peek());
  }

  /** Nothing more can be asked of this session. */
  static final class BrokenException extends IOException {
    private static final long serialVersionUID = 1L;

    BrokenException(String message) {
      super(message);
    }
  }

  @Override
  public void close() throws IOException {
    requests.lines.add(new byte[0]);
    process.close();
  }

  /** The requests as the stream that the process reads. */
  private static final class Requests extends InputStream {

    private final BlockingQueue<byte[]> lines = new LinkedBlockingQueue<>();
    private byte[] rest = new byte[0];
    private boolean ended;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int from, int length) throws IOException {
      if (rest.length == 0 && !ended) {
        try {
          rest = lines.take();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return -1;
        }
        ended = rest.length == 0;
      }
      if (ended) {
        return -1;
      }
      int count = Math.min(length, rest.length);
      System.arraycopy(rest, 0, into, from, count);
      rest = Arrays.copyOfRange(rest, count, rest.length);
      return count;
    }
  }

  /** What the process writes, by lines. */
  private final class Answers extends ResultCallback.Adapter<Frame> {

    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    @Override
    public void onNext(Frame frame) {
      if (frame.getStreamType() == StreamType.STDERR) {
        return;
      }
      for (byte each : frame.getPayload()) {
        if (each == '\n') {
          answers.add(line.toString(StandardCharsets.UTF_8));
          line.reset();
        } else {
          line.write(each);
        }
      }
    }

    @Override
    public void onError(Throwable failure) {
      answers.add(ENDED);
    }

    @Override
    public void onComplete() {
      super.onComplete();
      answers.add(ENDED);
    }
  }
}
