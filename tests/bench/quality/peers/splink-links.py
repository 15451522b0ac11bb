"""
Links the messages without identifier of one history to its clicks with Splink (Fellegi-Sunter, EM, duckdb) and writes leads.jsonl lines.

    python splink-links.py FOLDER OUT.jsonl

What it is given, so that it stands as well as it can: the last click of a visitor's burst only; no click whose code arrived with a message;
m from the coded messages, u and the prior by EM over the unlabelled pairs (left free, m leaves for another cluster of pairs and the log loss is
ten times as high); the odds of a message's pairs made to compete (odds / (1 + their sum)), which Splink itself leaves to the user; then
one-to-one, greedily from the surest pair down.
"""

import json
import logging
import sys
from collections import defaultdict

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator

MAX_PAIRS = 12_000_000
WINDOW_S = 72 * 3600
DELAYS_S = [5, 10, 15, 25, 40, 60, 120, 300, 900, 1800, 3600, 3 * 3600, 8 * 3600, 20 * 3600, 28 * 3600]
EMITTED = 16
NAMED = 64
# The greeting of those who keep their code says nothing of those who delete it: same, none of ours, another (matching.md's cold start).
GREETING_KEPT = [0.3, 0.69, 0.01]

CLICKS = """
create table clicks as
with read as (
  select id as unique_id, account, epoch_ms(cast(time as timestamp)) / 1000.0 as happened, visitor, coalesce(code, '') as code,
    place.country as country, place.region as region, languages[1][1:2] as language, languages[2][1:2] as second, device, network,
    coalesce(greeting, -1) as greeting, bot_score as bot, coalesce(campaign, '') as campaign
  from read_json('{folder}/clicks.jsonl', format = 'newline_delimited', columns = {{
    id: 'varchar', time: 'varchar', account: 'varchar', visitor: 'varchar', code: 'varchar', greeting: 'int', campaign: 'varchar',
    place: 'struct(country varchar, region varchar)', network: 'varchar', device: 'varchar', languages: 'varchar[]', bot_score: 'double' }})
), bursts as (
  select *, lead(happened) over (partition by account, visitor order by happened) as next from read
)
select * exclude (next), happened as started from bursts where next is null or next > happened + 1800
"""

MESSAGES = """
create table messages as
select id as unique_id, account, epoch_ms(cast(time as timestamp)) / 1000.0 + 0.999 as happened, '' as visitor, coalesce(code, '') as code,
  place.country as country, place.region as region, language, cast(null as varchar) as second, device, cast(null as varchar) as network,
  coalesce(greeting, -1) as greeting, cast(null as double) as bot, '' as campaign, contact
from read_json('{folder}/messages.jsonl', format = 'newline_delimited', columns = {{
  id: 'varchar', time: 'varchar', account: 'varchar', contact: 'varchar', place: 'struct(country varchar, region varchar)',
  language: 'varchar', greeting: 'int', code: 'varchar', device: 'varchar' }})
qualify row_number() over (partition by account, contact order by time) = 1 or code <> ''
"""


def comparison(name, conditions, is_null=None):
    levels = [] if is_null is None else [{"sql_condition": is_null, "is_null_level": True, "label_for_charts": "null"}]
    levels += [{"sql_condition": condition, "label_for_charts": condition} for condition in conditions]
    levels.append({"sql_condition": "ELSE", "label_for_charts": "else"})
    return {"output_column_name": name, "comparison_levels": levels}


def comparisons():
    is_hidden = "network_l in ('vpn', 'hosting')"
    return [
        comparison("delay", [f"happened_r - happened_l <= {delay}" for delay in DELAYS_S]),
        comparison(
            "place",
            [
                "region_l = region_r and network_l = 'fixed'",
                "region_l = region_r and network_l = 'mobile'",
                "region_r is not null and country_l = country_r and network_l = 'fixed'",
                "region_r is not null and country_l = country_r and network_l = 'mobile'",
                f"country_l = country_r and not {is_hidden}",
                f"country_l = country_r and {is_hidden}",
                is_hidden,
            ],
            "country_r is null",
        ),
        comparison("language", ["language_l = language_r", "second_l = language_r"], "language_r is null"),
        comparison("device", ["device_l = device_r", "device_l = 'desktop'"], "device_r is null or device_l is null"),
        comparison("greeting", ["greeting_l >= 0 and greeting_l = greeting_r", "greeting_r = -1"]),
        comparison("person", ["bot_l < 0.2", "bot_l < 0.4", "bot_l < 0.6", "bot_l < 0.8"], "bot_l is null"),
    ]


def linker_of(database, clicks, messages, settings):
    # Splink's left record is of the data set that comes first in the alphabet.
    api = DuckDBAPI(connection=database.cursor())
    left = api.register(clicks, dataset_display_name="a_" + clicks)
    right = api.register(messages, dataset_display_name="b_" + messages)
    return Linker([left, right], settings, log_level=logging.ERROR)


def trained(linker, rule, **fixed):
    return linker.training.estimate_parameters_using_expectation_maximisation(rule, **fixed).core_model_settings


def learn(database):
    """What coded messages show: pairs with the same code are matches, nearly all."""
    settings = SettingsCreator(
        link_type="link_only",
        comparisons=comparisons(),
        blocking_rules_to_generate_predictions=[],
        probability_two_random_records_match=0.99,
    )
    rule = "l.code = r.code and l.account = r.account and l.started <= r.started + 5"
    return trained(linker_of(database, "clicks", "coded", settings), rule, fix_probability_two_random_records_match=True)


def main(folder, out):
    database = duckdb.connect()
    database.execute("set preserve_insertion_order = false")
    database.execute(CLICKS.format(folder=folder))
    database.execute(MESSAGES.format(folder=folder))
    database.execute("create table coded as select * exclude (contact), happened as started from messages where code in (select code from clicks)")
    database.execute("create table open as select * exclude (contact), happened as started from messages where code not in (select code from clicks)")
    database.execute("create table free as select * from clicks where code = '' or code not in (select code from messages)")
    window, pairs = window_of(database)
    rule = f"l.account = r.account and l.started <= r.started and l.started > r.started - {window}"
    opened = count(database, "select count(*) from open")

    def unlabelled(core, prior, **options):
        settings = SettingsCreator(
            **start_of(core, prior), link_type="link_only", blocking_rules_to_generate_predictions=[rule], **options
        )
        return linker_of(database, "free", "open", settings)

    coded = learn(database)
    prior = opened / 3 / max(pairs, 1)
    options = {"fix_u_probabilities": False, "fix_m_probabilities": True}
    try:
        core = trained(unlabelled(coded, prior, max_iterations=60), rule, **options)
    except ValueError:
        # A rare level that only matches show: its u falls to 0, which Splink refuses. In few steps at a time it is caught before.
        core = coded
        for _ in range(10):
            core = trained(unlabelled(core, prior, max_iterations=2), rule, **options)
            prior = core.probability_two_random_records_match
    linker = unlabelled(core, core.probability_two_random_records_match, retain_matching_columns=False)
    predicted = linker.inference.predict(threshold_match_weight=-40, warning_mode="never").physical_name
    write(database, predicted, out)


def count(database, query):
    # To the end: duckdb refuses other work while rows of an answer are left.
    return database.execute(query).fetchall()[0][0]


def window_of(database):
    """The window that both memory and patience can bear; 72 hours but for the busiest accounts."""
    counted = "select count(*) from open o join free c on c.account = o.account and c.started <= o.started and c.started > o.started - {}"
    window = WINDOW_S
    while True:
        pairs = count(database, counted.format(window))
        if pairs <= MAX_PAIRS:
            return window, pairs
        window = int(window * max(0.2, MAX_PAIRS / pairs * 0.9))


def start_of(core, prior):
    """The learned levels as the start of the next linker."""
    described = []
    for learned in core.comparisons:
        levels = []
        for level in learned.comparison_levels:
            described_level = {"sql_condition": level.sql_condition, "label_for_charts": level.label_for_charts}
            if level.is_null_level:
                levels.append({**described_level, "is_null_level": True})
                continue
            m, u = level.m_probability, level.u_probability
            if learned.output_column_name == "greeting":
                m = GREETING_KEPT[len(levels)]
            probabilities = {"m_probability": seen(m), "u_probability": seen(u)}
            levels.append({**described_level, **probabilities})
        described.append({"output_column_name": learned.output_column_name, "comparison_levels": levels})
    return {"comparisons": described, "probability_two_random_records_match": prior}


def seen(probability):
    """A level that no pair showed has no number; it is rare, not impossible."""
    return max(probability, 1e-6) if isinstance(probability, float) else 1e-4


def write(database, predicted, out):
    pairs = f"""
      select p.unique_id_r as message, p.unique_id_l as click, c.campaign, pow(2, least(p.match_weight, 30)) as odds
      from {predicted} p join clicks c on c.unique_id = p.unique_id_l
    """
    shares = defaultdict(dict)
    for message, campaign, odds in database.execute(f"select message, campaign, sum(odds) from ({pairs}) group by all").fetchall():
        shares[message][campaign] = odds
    near = defaultdict(dict)
    campaigns = {}
    ranked = f"select message, click, campaign, odds from ({pairs}) qualify row_number() over (partition by message order by odds desc) <= {NAMED}"
    for message, click, campaign, odds in database.execute(ranked).fetchall():
        near[message][click] = odds
        campaigns[click] = campaign
    every = [row[0] for row in database.execute("select unique_id from open order by happened, unique_id").fetchall()]

    # Greedy: the surest pair of all takes its click away from everybody else.
    order = sorted(((odds, message, click) for message, clicks in near.items() for click, odds in clicks.items()), reverse=True)
    owner, settled = {}, set()
    for odds, message, click in order:
        if message in settled or click in owner:
            continue
        total = 1 + sum(shares[message].values())
        if odds / total < 0.5:
            continue
        owner[click] = message
        settled.add(message)
    for message, clicks in near.items():
        for click in list(clicks):
            if owner.get(click, message) != message:
                shares[message][campaigns[click]] -= clicks.pop(click)

    with open(out, "w", encoding="utf-8") as file:
        for message in every:
            total = 1 + sum(max(0.0, odds) for odds in shares[message].values())
            top = sorted(near[message].items(), key=lambda pair: -pair[1])[:EMITTED]
            candidates = [{"click": click, "probability": odds / total} for click, odds in top]
            other = max(0.0, 1 - 1 / total - sum(candidate["probability"] for candidate in candidates))
            by_campaign = [{"campaign": campaign, "share": max(0.0, odds) / total} for campaign, odds in shares[message].items()]
            line = {"message": message, "none": 1 / total, "other": other, "candidates": candidates, "shares": by_campaign}
            file.write(json.dumps(line) + "\n")


main(sys.argv[1], sys.argv[2])
