/** What both programs write for a message: id, time and campaign of a click; empty when there is none. */
final class Answer {
  private Answer() {}

  static String of(Touchpoint click) {
    return click == null ? "" : click.id() + '\t' + click.eventTimeMs() + '\t' + click.campaign();
  }
}
