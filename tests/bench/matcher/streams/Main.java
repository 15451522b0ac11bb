import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;

/**
 * One program, run as often as asked, in one JVM, so that later passes run compiled code: `java … Main left-join|latest-click BROKERS INPUT`.
 *
 * <p>Commands on stdin, one line each; the answer is one line of JSON on stdout. The end of stdin ends the process.
 *
 * <ul>
 *   <li>`run APPLICATION-ID OUTPUT STATE-DIR ENDS`: starts it under a new application id and answers when the input is committed up to ENDS
 *       (`partition:offset,…`), with wall and CPU seconds of this process from the first record in hand to that commit.
 *   <li>`settle ENDS`: answers when the input is committed up to these later ends too.
 *   <li>`stop`: stops it.
 * </ul>
 */
final class Main {
  private static final int POLL_MS = 10;
  private static final Duration CLOSE = Duration.ofSeconds(20);

  private final String program;
  private final String brokers;
  private final String input;
  private final Admin admin;

  private Main(String program, String brokers, String input) {
    this.program = program;
    this.brokers = brokers;
    this.input = input;
    this.admin = Admin.create(Map.of("bootstrap.servers", brokers));
  }

  public static void main(String[] args) {
    BlockingQueue<String> commands = new LinkedBlockingQueue<>();
    Thread reader = new Thread(() -> read(commands), "commands");
    reader.setDaemon(true);
    reader.start();
    try {
      new Main(args[0], args[1], args[2]).serve(commands);
    } catch (Exception error) {
      error.printStackTrace();
      Runtime.getRuntime().halt(1);
    }
  }

  /** A thread of its own: whoever started this process may go while a pass is under way, and then nobody must be left behind. */
  private static void read(BlockingQueue<String> commands) {
    try (BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) commands.add(line);
    } catch (IOException error) {
      error.printStackTrace();
    }
    Runtime.getRuntime().halt(0);
  }

  private void serve(BlockingQueue<String> commands) throws ExecutionException, InterruptedException {
    Pass pass = null;
    while (true) {
      String[] words = commands.take().split(" ");
      switch (words[0]) {
        case "run" -> {
          pass = new Pass(words[1], words[2], words[3]);
          System.out.println(pass.run(ends(words[4])));
        }
        case "settle" -> System.out.println(current(pass).settle(ends(words[1])));
        case "stop" -> System.out.println(current(pass).stop());
        default -> throw new IllegalArgumentException("unknown command " + words[0]);
      }
    }
  }

  private static Pass current(Pass pass) {
    if (pass == null) throw new IllegalStateException("nothing runs");
    return pass;
  }

  private final class Pass {
    private final String applicationId;
    private final KafkaStreams streams;
    private final AtomicLong seen = new AtomicLong();
    private final CountDownLatch first = new CountDownLatch(1);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile long startedNs;
    private volatile long startedCpuNs;

    Pass(String applicationId, String output, String stateDir) {
      this.applicationId = applicationId;
      Topology topology =
          switch (program) {
            case "left-join" -> LeftJoin.topology(input, output, this::count);
            case "latest-click" -> LatestClick.topology(input, output, this::count);
            default -> throw new IllegalArgumentException("unknown program " + program);
          };
      streams = new KafkaStreams(topology, settings(applicationId, stateDir));
      streams.setUncaughtExceptionHandler(
          error -> {
            failure.set(error);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
          });
    }

    private void count() {
      if (seen.getAndIncrement() > 0) return;
      startedNs = System.nanoTime();
      startedCpuNs = cpuNs();
      first.countDown();
    }

    String run(Map<TopicPartition, Long> ends) throws ExecutionException, InterruptedException {
      streams.start();
      while (first.getCount() > 0) waitABit();
      // Transaction markers have offsets and are no records: this waits for most of the input, and the commit for all of it.
      long most = ends.values().stream().mapToLong(Long::longValue).sum() * 9 / 10;
      while (seen.get() < most) waitABit();
      while (!isCommitted(ends)) waitABit();
      long endedNs = System.nanoTime();
      return String.format(
          Locale.ROOT,
          "{\"seen\":%d,\"seconds\":%.4f,\"cpuSeconds\":%.4f}",
          seen.get(),
          (endedNs - startedNs) / 1e9,
          (cpuNs() - startedCpuNs) / 1e9);
    }

    String settle(Map<TopicPartition, Long> ends) throws ExecutionException, InterruptedException {
      while (!isCommitted(ends)) waitABit();
      return "{\"seen\":" + seen.get() + "}";
    }

    String stop() {
      boolean isClosed = streams.close(CLOSE);
      streams.cleanUp();
      return "{\"closed\":" + isClosed + "}";
    }

    private boolean isCommitted(Map<TopicPartition, Long> ends) throws ExecutionException, InterruptedException {
      Map<TopicPartition, OffsetAndMetadata> committed =
          admin.listConsumerGroupOffsets(applicationId).partitionsToOffsetAndMetadata().get();
      for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
        OffsetAndMetadata offset = committed.get(end.getKey());
        if (end.getValue() > 0 && (offset == null || offset.offset() < end.getValue())) return false;
      }
      return true;
    }

    private void waitABit() throws InterruptedException {
      Throwable error = failure.get();
      if (error != null) throw new IllegalStateException("the stream thread has ended", error);
      Thread.sleep(POLL_MS);
    }
  }

  private Properties settings(String applicationId, String stateDir) {
    Properties settings = new Properties();
    settings.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
    settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, brokers);
    settings.put(StreamsConfig.STATE_DIR_CONFIG, stateDir);
    settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 100);
    settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 1);
    settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
    settings.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
    return settings;
  }

  /** `partition:offset,…`, each the offset after the last record. */
  private Map<TopicPartition, Long> ends(String text) {
    Map<TopicPartition, Long> ends = new HashMap<>();
    for (String each : text.split(",")) {
      int colon = each.indexOf(':');
      ends.put(new TopicPartition(input, Integer.parseInt(each.substring(0, colon))), Long.parseLong(each.substring(colon + 1)));
    }
    return ends;
  }

  private static long cpuNs() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
  }
}
