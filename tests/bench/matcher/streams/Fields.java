import java.nio.charset.StandardCharsets;

/** A walk over the fields of one protobuf message. Every field must be read or skipped before the next. */
final class Fields {
  private final byte[] bytes;
  private final int end;
  private int at;
  private int tag;

  Fields(byte[] bytes) {
    this(bytes, 0, bytes.length);
  }

  private Fields(byte[] bytes, int at, int end) {
    this.bytes = bytes;
    this.at = at;
    this.end = end;
  }

  boolean next() {
    if (at >= end) return false;
    tag = (int) varint();
    return true;
  }

  int number() {
    return tag >>> 3;
  }

  long varint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = bytes[at++];
      value |= (long) (next & 0x7f) << shift;
      if (next >= 0) return value;
    }
    throw new IllegalArgumentException("a varint has more than ten bytes");
  }

  String text() {
    int length = (int) varint();
    String text = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return text;
  }

  Fields message() {
    int length = (int) varint();
    Fields inner = new Fields(bytes, at, at + length);
    at += length;
    return inner;
  }

  void skip() {
    switch (tag & 7) {
      case 0 -> varint();
      case 1 -> at += 8;
      case 2 -> {
        int length = (int) varint();
        at += length;
      }
      case 5 -> at += 4;
      default -> throw new IllegalArgumentException("wire type " + (tag & 7) + " is not in proto3");
    }
  }
}
