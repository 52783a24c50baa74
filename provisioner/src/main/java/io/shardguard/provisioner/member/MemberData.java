package io.shardguard.provisioner.member;

import io.shardguard.provisioner.runtime.MemberFiles;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/** Whose a data directory is, and whether it is whole. */
final class MemberData {

  private static final String PUT_ASIDE = "data.old-";
  private static final String UNTIL_IT_STREAMS = PUT_ASIDE + "1";
  private static final String TO_KEEP = PUT_ASIDE + "keep-";
  private static final String KEPT = "data.kept-";
  private static final String OF_ROGUES = "rogue-";

  private static final long SCARCE = 64L << 20;

  /** So many directories of what a member wrote as a rogue are kept. */
  static final int ROGUES_KEPT = 2;

  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final String cluster;
  private final String postgresMajor;

  /**
   * The keeper of the markers of one cluster.
   *
   * @param postgresMajor the major version of the installed PostgreSQL
   */
  MemberData(String cluster, String postgresMajor) {
    this.cluster = cluster;
    this.postgresMajor = postgresMajor;
  }

  /**
   * What the marker says of a data directory.
   *
   * @param madeAnew it was made by initdb, not copied
   */
  record Marker(
      String cluster,
      String member,
      String postgresMajor,
      String systemIdentifier,
      boolean madeAnew) {}

  /**
   * The member has a whole data directory, and it is its own.
   *
   * @throws IllegalStateException if the directory is of another cluster, member or PostgreSQL
   *     version; the message says what to do
   */
  boolean present(MemberFiles files, String member) throws IOException {
    if (!files.disk().exists(files.data())) {
      return false;
    }
    Marker marker = marker(files).orElseThrow(() -> foreign(files, "of nobody knows whom"));
    if (!marker.cluster.equals(cluster) || !marker.member.equals(member)) {
      throw foreign(files, "of member " + marker.member + " of cluster " + marker.cluster);
    }
    String version = files.disk().read(files.data().resolve("PG_VERSION")).strip();
    if (!version.equals(postgresMajor)) {
      throw foreign(
          files,
          "of PostgreSQL " + version + ", and PostgreSQL " + postgresMajor + " is installed");
    }
    return true;
  }

  /**
   * How many bytes are left on the member's disk. What broken work has left there does not count as
   * used: it is removed if room is scarce. Not to be called while such work is under way.
   */
  long room(MemberFiles files) throws IOException {
    if (!files.disk().exists(files.home())) {
      return Long.MAX_VALUE;
    }
    long room = files.disk().room(files.home());
    if (room >= SCARCE) {
      return room;
    }
    files.disk().remove(files.dataInTheMaking());
    files.disk().remove(files.dataBeingCopied());
    return files.disk().room(files.home());
  }

  /** There is data of the member, whole, half made or put aside. */
  static boolean anything(MemberFiles files) throws IOException {
    return files.disk().exists(files.data()) || hasPutAside(files);
  }

  Optional<Marker> marker(MemberFiles files) throws IOException {
    if (!files.disk().exists(files.marker())) {
      return Optional.empty();
    }
    Properties p = new Properties();
    p.load(new StringReader(files.disk().read(files.marker())));
    return Optional.of(
        new Marker(
            p.getProperty("cluster", "?"),
            p.getProperty("member", "?"),
            p.getProperty("postgres.major", "?"),
            p.getProperty("system.identifier", "?"),
            Boolean.parseBoolean(p.getProperty("made.anew"))));
  }

  /** Names the owner of the data directory that is put in place next. */
  void mark(MemberFiles files, String member, String systemIdentifier, boolean madeAnew)
      throws IOException {
    files
        .disk()
        .write(
            files.marker(),
            "cluster="
                + cluster
                + "\nmember="
                + member
                + "\npostgres.major="
                + postgresMajor
                + "\nsystem.identifier="
                + systemIdentifier
                + "\nmade.anew="
                + madeAnew
                + "\n");
  }

  /**
   * Makes room for a new data directory; the old one is kept until {@link #settle}. What took its
   * place since was a copy that never streamed, or a ruin, and is removed.
   *
   * @param keep as in {@link #keptIn}
   */
  static void putAside(MemberFiles files, Optional<String> keep) throws IOException {
    if (hasPutAside(files)) {
      keepPutAside(files, keep);
      files.disk().remove(files.data());
    } else if (files.disk().exists(files.data())) {
      files.disk().move(files.data(), files.home().resolve(aside(keep)));
    }
  }

  /** Takes the copy in the making for the old data, as if it had been put aside. */
  static void copyIsWhole(MemberFiles files, Optional<String> keep) throws IOException {
    files.disk().move(files.dataBeingCopied(), files.home().resolve(aside(keep)));
  }

  /** What is put aside already is kept for good from now on, if anything shall be. */
  static void keepPutAside(MemberFiles files, Optional<String> keep) throws IOException {
    Path old = files.home().resolve(UNTIL_IT_STREAMS);
    if (keep.isPresent() && files.disk().exists(old)) {
      files.disk().move(old, files.home().resolve(aside(keep)));
    }
  }

  private static String aside(Optional<String> keep) {
    return keep.map(label -> TO_KEEP + label).orElse(UNTIL_IT_STREAMS);
  }

  /** There is older data beside the data directory, which never streamed since. */
  static boolean hasPutAside(MemberFiles files) throws IOException {
    return !directories(files, PUT_ASIDE).isEmpty();
  }

  /** Puts the old data back; what should have replaced it is removed. */
  static void bringBack(MemberFiles files) throws IOException {
    List<Path> old = directories(files, PUT_ASIDE);
    if (!old.isEmpty()) {
      files.disk().remove(files.data());
      files.disk().move(old.getFirst(), files.data());
      files.disk().delete(files.rewinding());
    }
  }

  /**
   * The member streams: the old data is not needed any more, or kept for good.
   *
   * @param loss the forced failover that this member was replaced by; null if none
   */
  void settle(MemberFiles files, String loss) throws IOException {
    if (loss != null && !isSettled(files, loss)) {
      files.disk().write(files.settledLoss(), loss);
    }
    for (Path old : directories(files, PUT_ASIDE)) {
      String name = old.getFileName().toString();
      if (name.startsWith(TO_KEEP)) {
        files.disk().move(old, unused(files, keptIn(files, name.substring(TO_KEEP.length()))));
      } else {
        files.disk().remove(old);
      }
    }
    // Their names sort by time.
    List<Path> ofRogues = directories(files, KEPT + OF_ROGUES);
    for (Path oldest : ofRogues.subList(0, Math.max(0, ofRogues.size() - ROGUES_KEPT))) {
      files.disk().remove(oldest);
    }
    files.disk().delete(files.rewinding());
    files.disk().delete(files.rogue());
  }

  /** Somebody who ended between two steps may have left one of that name. */
  private static Path unused(MemberFiles files, Path wanted) throws IOException {
    Path name = wanted;
    for (int n = 2; files.disk().exists(name); n++) {
      name = wanted.resolveSibling(wanted.getFileName() + "-" + n);
    }
    return name;
  }

  /** The member has streamed since this forced failover, which replaced it. */
  static boolean isSettled(MemberFiles files, String loss) throws IOException {
    return files.disk().exists(files.settledLoss())
        && files.disk().read(files.settledLoss()).strip().equals(loss);
  }

  /** Something waits for {@link #settle}. */
  static boolean isUnsettled(MemberFiles files) throws IOException {
    return hasPutAside(files)
        || files.disk().exists(files.rogue())
        || files.disk().exists(files.rewinding());
  }

  /** Where old data with this label ends up that is kept for good. */
  static Path keptIn(MemberFiles files, String label) {
    return files.home().resolve(KEPT + label);
  }

  /** Notes that the member took writes without being the primary; an earlier note stays. */
  void noteRogue(MemberFiles files, Instant at) throws IOException {
    if (!files.disk().exists(files.rogue())) {
      files.disk().write(files.rogue(), OF_ROGUES + STAMP.format(at));
    }
  }

  /** The label for what the member wrote as a rogue; empty if it is none. */
  static Optional<String> rogue(MemberFiles files) throws IOException {
    return files.disk().exists(files.rogue())
        ? Optional.of(files.disk().read(files.rogue()).strip())
        : Optional.empty();
  }

  private static List<Path> directories(MemberFiles files, String prefix) throws IOException {
    return files.disk().list(files.home(), prefix);
  }

  private static IllegalStateException foreign(MemberFiles files, String whose) {
    return new IllegalStateException(
        "the data directory "
            + files.data()
            + " is "
            + whose
            + ": it is left alone; move it away, or use another state directory");
  }
}
