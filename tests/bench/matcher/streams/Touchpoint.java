import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.processor.TimestampExtractor;

/**
 * Of a record of touchpoints.v1, what the two programs join on and answer with: nothing else is read, so that parsing does not decide the
 * comparison. Field numbers are those of proto/messtrack/v1/touchpoint.proto and source.proto.
 */
record Touchpoint(Kind kind, String id, long eventTimeMs, String campaign) {
  enum Kind {
    CLICK,
    MESSAGE,
    OTHER
  }

  /** From the log: protobuf. */
  static Touchpoint parse(byte[] bytes) {
    Fields fields = new Fields(bytes);
    long eventTimeMs = 0;
    Kind kind = Kind.OTHER;
    String id = "";
    String campaign = "";
    while (fields.next()) {
      switch (fields.number()) {
        case 4 -> eventTimeMs = fields.varint();
        case 10 -> {
          kind = Kind.CLICK;
          Fields click = fields.message();
          while (click.next()) {
            switch (click.number()) {
              case 1 -> id = click.text();
              case 7 -> campaign = campaignOf(click.message());
              default -> click.skip();
            }
          }
        }
        case 11 -> {
          kind = Kind.MESSAGE;
          Fields message = fields.message();
          while (message.next()) {
            if (message.number() == 1) id = message.text();
            else message.skip();
          }
        }
        default -> fields.skip();
      }
    }
    return new Touchpoint(kind, id, eventTimeMs, campaign);
  }

  private static String campaignOf(Fields source) {
    String campaign = "";
    while (source.next()) {
      if (source.number() == 3) campaign = source.text();
      else source.skip();
    }
    return campaign;
  }

  /** In state stores and their changelogs: kind, time, length of the id, id, campaign. */
  private byte[] pack() {
    byte[] idBytes = id.getBytes(StandardCharsets.UTF_8);
    byte[] campaignBytes = campaign.getBytes(StandardCharsets.UTF_8);
    return ByteBuffer.allocate(11 + idBytes.length + campaignBytes.length)
        .put((byte) kind.ordinal())
        .putLong(eventTimeMs)
        .putShort((short) idBytes.length)
        .put(idBytes)
        .put(campaignBytes)
        .array();
  }

  private static Touchpoint unpack(byte[] bytes) {
    ByteBuffer buffer = ByteBuffer.wrap(bytes);
    Kind kind = Kind.values()[buffer.get()];
    long eventTimeMs = buffer.getLong();
    int idLength = buffer.getShort();
    String id = new String(bytes, 11, idLength, StandardCharsets.UTF_8);
    String campaign = new String(bytes, 11 + idLength, bytes.length - 11 - idLength, StandardCharsets.UTF_8);
    return new Touchpoint(kind, id, eventTimeMs, campaign);
  }

  static final Serde<Touchpoint> FROM_LOG =
      Serdes.serdeFrom(
          (topic, touchpoint) -> {
            throw new UnsupportedOperationException("touchpoints.v1 is only read");
          },
          (topic, bytes) -> parse(bytes));

  private static final Serializer<Touchpoint> PACK = (topic, touchpoint) -> touchpoint == null ? null : touchpoint.pack();
  private static final Deserializer<Touchpoint> UNPACK = (topic, bytes) -> bytes == null ? null : unpack(bytes);
  static final Serde<Touchpoint> IN_STORE = Serdes.serdeFrom(PACK, UNPACK);

  /** Joins are by the time of the click and the message, not by that of the broker. */
  static final class EventTime implements TimestampExtractor {
    @Override
    public long extract(ConsumerRecord<Object, Object> record, long partitionTime) {
      return ((Touchpoint) record.value()).eventTimeMs();
    }
  }
}
