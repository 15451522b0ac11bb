import java.util.Set;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * Program (b): a Processor written by hand that keeps the latest click of each account in a RocksDB store (persistentKeyValueStore, its
 * changelog on, no cache: the defaults) and answers each message with it when it is at most 60 minutes old. The least that anybody could
 * call attribution, and so the fastest.
 */
final class LatestClick {
  private static final String STORE = "latest-click";
  private static final long WINDOW_MS = 60 * 60_000L;

  private LatestClick() {}

  static Topology topology(String input, String output, Runnable seen) {
    StreamsBuilder builder = new StreamsBuilder();
    builder
        .stream(input, Consumed.with(Serdes.String(), Touchpoint.FROM_LOG).withTimestampExtractor(new Touchpoint.EventTime()))
        .process(new Supplier(seen))
        .to(output, Produced.with(Serdes.String(), Serdes.String()));
    return builder.build();
  }

  private record Supplier(Runnable seen) implements ProcessorSupplier<String, Touchpoint, String, String> {
    @Override
    public Processor<String, Touchpoint, String, String> get() {
      return new KeepLatest(seen);
    }

    @Override
    public Set<StoreBuilder<?>> stores() {
      return Set.of(Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(STORE), Serdes.String(), Touchpoint.IN_STORE));
    }
  }

  private static final class KeepLatest implements Processor<String, Touchpoint, String, String> {
    private final Runnable seen;
    private ProcessorContext<String, String> context;
    private KeyValueStore<String, Touchpoint> latest;

    KeepLatest(Runnable seen) {
      this.seen = seen;
    }

    @Override
    public void init(ProcessorContext<String, String> context) {
      this.context = context;
      this.latest = context.getStateStore(STORE);
    }

    @Override
    public void process(Record<String, Touchpoint> record) {
      seen.run();
      Touchpoint touchpoint = record.value();
      switch (touchpoint.kind()) {
        case CLICK -> latest.put(record.key(), touchpoint);
        case MESSAGE -> {
          Touchpoint click = latest.get(record.key());
          boolean isRecent = click != null && touchpoint.eventTimeMs() - click.eventTimeMs() <= WINDOW_MS;
          context.forward(record.withKey(touchpoint.id()).withValue(Answer.of(isRecent ? click : null)));
        }
        case OTHER -> {}
      }
    }
  }
}
