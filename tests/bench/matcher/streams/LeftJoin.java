import java.time.Duration;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.kstream.StreamJoined;

/**
 * Program (a): every message with every click of its account in the 60 minutes before it, as the DSL's stream–stream left join gives them,
 * with its default RocksDB window stores; one record without a click for a message that has none. Nothing is grouped behind the join: to
 * reduce the pairs to one answer per message takes a windowed aggregation, which drops what it takes for late, and on replay that is most.
 */
final class LeftJoin {
  private static final Duration WINDOW = Duration.ofMinutes(60);
  /** A messenger tells the second and its webhook comes later: a message may be a few seconds behind the clicks around it in the log. */
  private static final Duration GRACE = Duration.ofSeconds(5);

  private LeftJoin() {}

  static Topology topology(String input, String output, Runnable seen) {
    StreamsBuilder builder = new StreamsBuilder();
    KStream<String, Touchpoint> touchpoints =
        builder
            .stream(
                input, Consumed.with(Serdes.String(), Touchpoint.FROM_LOG).withTimestampExtractor(new Touchpoint.EventTime()))
            .peek((account, touchpoint) -> seen.run());
    KStream<String, Touchpoint> clicks = touchpoints.filter((account, each) -> each.kind() == Touchpoint.Kind.CLICK);
    KStream<String, Touchpoint> messages = touchpoints.filter((account, each) -> each.kind() == Touchpoint.Kind.MESSAGE);
    messages
        .leftJoin(
            clicks,
            Pair::new,
            JoinWindows.ofTimeDifferenceAndGrace(Duration.ZERO, GRACE).before(WINDOW),
            StreamJoined.with(Serdes.String(), Touchpoint.IN_STORE, Touchpoint.IN_STORE))
        .map((account, pair) -> KeyValue.pair(pair.message().id(), Answer.of(pair.click())))
        .to(output, Produced.with(Serdes.String(), Serdes.String()));
    return builder.build();
  }

  private record Pair(Touchpoint message, Touchpoint click) {}
}
