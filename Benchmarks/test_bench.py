"""The benchmark's arithmetic, tables and chart; nothing here takes a time."""

import unittest
import xml.etree.ElementTree
from pathlib import Path
from tempfile import TemporaryDirectory

import chart
import measures
import report
from arithmetic import Floors, Model, Row, alike, fair_slowdown, packed_tokens, pair_ratios, share_of_floor
from programs import Program, Unavailable
from rounds import Rounds

# Small enough to count by hand: a layer has 4 x 8 x 1 heads and so on.
TINY = Model(vocabulary=10, hidden=4, intermediate=6, layers=2, heads=2, kvHeads=1, headSize=2, bytesPerWeight=2)


class RatioTests(unittest.TestCase):
    def test_a_time_is_better_when_smaller(self):
        self.assertEqual(pair_ratios([6.0, 4.0], [2.0, 4.0], "s"), [3.0, 1.0])

    def test_a_rate_is_better_when_larger(self):
        self.assertEqual(pair_ratios([100.0], [250.0], "tokens/s"), [2.5])

    def test_ratios_are_taken_pair_by_pair_and_not_of_medians(self):
        record = Row("m", "p", "s", peer=[10.0, 2.0, 6.0], operant=[1.0, 2.0, 4.0]).record()
        self.assertEqual((record["ratio_min"], record["ratio_median"], record["ratio_max"]), (1.0, 1.5, 10.0))
        self.assertEqual((record["peer"], record["operant"]), (6.0, 2.0))

    def test_a_peer_that_failed_has_no_ratio_and_is_no_zero(self):
        record = Row("m", "p", "s", operant=[1.0], note="it did not build").record()
        for key in ("peer", "ratio_median", "ratio_min", "ratio_max"):
            self.assertIsNone(record[key])
        self.assertEqual(record["operant"], 1.0)

    def test_rounds_that_only_one_side_finished_are_no_pairs(self):
        record = Row("m", "p", "s", peer=[4.0], operant=[2.0, 1.0]).record()
        self.assertEqual((record["ratio_median"], record["ratio_max"]), (2.0, 2.0))

    def test_values_of_different_length_trap_as_pairs(self):
        with self.assertRaises(AssertionError):
            pair_ratios([1.0], [1.0, 2.0], "s")


class FloorTests(unittest.TestCase):
    def test_weights_and_cache_are_counted_from_the_configuration(self):
        # qkv 4 x (2 + 2) x 2 = 32, output 4 x 4 = 16, gate, up and down 3 x 24 = 72: 120 a layer.
        self.assertEqual(TINY.layer_weights, 240)
        self.assertEqual(TINY.head_weights, 40)
        # 2 layers x key and value x 1 head x 2 numbers x 2 bytes.
        self.assertEqual(TINY.cache_bytes, 16)

    def test_smollm2_has_the_weights_that_it_is_named_after(self):
        model = Model(
            vocabulary=49152, hidden=576, intermediate=1536, layers=30, heads=9, kvHeads=3, headSize=64, bytesPerWeight=2)
        norms = (2 * model.layers + 1) * model.hidden
        self.assertEqual(model.layer_weights + model.head_weights + norms, 134_515_008)

    # A machine that is slow in one thing, so that this is what binds.
    reading = Floors(TINY, bandwidth=1.0, rate=1e9)
    multiplying = Floors(TINY, bandwidth=1e9, rate=1.0)

    def test_decoding_one_row_is_bound_by_memory(self):
        # One later token: 280 weights of 2 bytes, a prompt of 3 and 1 own token of 16 bytes each.
        self.assertAlmostEqual(self.reading.decoding([(3, [2])]), 560 + 4 * 16)

    def test_the_prompt_of_a_group_is_read_once(self):
        one, four = (self.reading.decoding(alike(1, attempts, 100, 2)) for attempts in (1, 4))
        self.assertAlmostEqual(four - one, 3 * 16)

    def test_many_rows_are_bound_by_products(self):
        # 2 x 280, and attention 4 x 2 layers x 2 heads x 2 at 4 tokens, for each of 8 rows.
        self.assertAlmostEqual(self.multiplying.decoding([(3, [2] * 8)]), 8 * (560 + 32 * 4))

    def test_a_row_that_has_ended_costs_nothing(self):
        self.assertAlmostEqual(self.multiplying.decoding([(3, [1, 2])]), self.multiplying.decoding([(3, [2])]))
        self.assertAlmostEqual(self.reading.decoding([(3, [2]), (50, [1])]), self.reading.decoding([(3, [2])]))

    def test_answers_of_one_token_need_no_decoding_but_their_prompts(self):
        self.assertEqual(self.multiplying.decoding([(3, [1])]), 0)
        self.assertAlmostEqual(self.multiplying.sampling([(3, [1, 1])]), 2 * (3 * 240 + 40))

    def test_an_update_takes_four_operations_a_weight_and_the_head_where_trained(self):
        self.assertAlmostEqual(self.multiplying.update([(5, [5])], 0), 10 * 4 * 240 + 5 * 4 * 40)

    def test_an_update_computes_a_shared_prompt_once(self):
        self.assertAlmostEqual(self.multiplying.update([(5, [5, 3])], 0), 13 * 4 * 240 + 8 * 4 * 40)

    def test_a_kl_term_adds_a_forward_pass(self):
        self.assertAlmostEqual(self.multiplying.update([(5, [5])], 0.02), 10 * 6 * 240 + 5 * 6 * 40)

    def test_a_recorded_way_forward_is_not_computed_again(self):
        self.assertAlmostEqual(self.multiplying.update([(5, [5])], 0, recorded=True), 10 * 2 * 240 + 5 * 2 * 40)

    def test_a_first_token_reads_all_weights(self):
        self.assertAlmostEqual(self.reading.first_token(), 560)

    def test_a_share_is_the_floor_over_the_time_and_never_above_one(self):
        self.assertEqual(share_of_floor(1.0, [4.0, 2.0, 9.0]), (0.25, ""))
        share, note = share_of_floor(3.0, [2.0])
        self.assertEqual(share, 1.0)
        self.assertIn("1.50", note)
        self.assertEqual(share_of_floor(None, [2.0]), (None, ""))

    def test_a_fair_share_beside_one_busy_process_on_two_cores_takes_half_as_long_again(self):
        self.assertEqual(fair_slowdown(2), 1.5)
        self.assertEqual(fair_slowdown(4), 1.25)


class RequestTests(unittest.TestCase):
    def test_a_decode_request_has_its_rows(self):
        for rows in (1, 8, 32, 64, 128):
            request = measures.decode_request(rows, 9)
            self.assertEqual(len(request["prompts"]) * request["attempts"], rows)
            self.assertGreaterEqual(request["rows"], rows)

    def test_an_update_request_has_its_tokens(self):
        request = measures.update_request(8, 1, 64, 64, 0)
        tokens = sum(len(prompt) for prompt in request["prompts"])
        tokens += sum(len(answer) for answers in request["answers"] for answer in answers)
        self.assertEqual(tokens, 1024)
        self.assertEqual(packed_tokens(measures.groups_of(request)), 1024)

    def test_ids_lie_within_the_vocabulary_and_repeat(self):
        self.assertEqual(measures.ids(50, 3), measures.ids(50, 3))
        self.assertTrue(all(1000 <= each < 41000 for each in measures.ids(500, 7)))


class RoundTests(unittest.TestCase):
    def setUp(self):
        self.now = 0.0
        self.said = []

    def rounds(self, budget):
        return Rounds(budget, self.said.append, clock=lambda: self.now)

    def test_programs_take_turns(self):
        order = []
        asks = {name: lambda name=name: order.append(name) or name for name in "AB"}
        replies, reasons = self.rounds(100).interleave(3, asks)
        self.assertEqual("".join(order), "ABABAB")
        self.assertEqual(replies, {"A": ["A"] * 3, "B": ["B"] * 3})
        self.assertEqual(reasons, {})

    def test_who_fails_is_told_of_once_and_not_asked_again(self):
        asked = []

        def fail():
            asked.append(1)
            raise Unavailable("it is not there")

        replies, reasons = self.rounds(100).interleave(3, {"A": lambda: 1, "B": fail})
        self.assertEqual((len(asked), replies["A"], reasons["B"]), (1, [1, 1, 1], "it is not there"))

    def test_no_round_is_begun_that_would_pass_the_budget(self):
        def slow():
            self.now += 40
            return 1

        replies, _ = self.rounds(100).interleave(5, {"A": slow})
        self.assertEqual(len(replies["A"]), 2)
        self.assertEqual(len(self.said), 1)


class ProgramTests(unittest.TestCase):
    def program(self, folder, code):
        script = Path(folder, "peer.py")
        script.write_text(code)
        return Program("peer", ["/usr/bin/env", "python3", str(script)], Path(folder, "log"))

    def test_a_line_is_answered_with_a_line(self):
        with TemporaryDirectory() as folder:
            program = self.program(folder, "import sys\nfor line in sys.stdin: print('{\"n\": 1}', flush=True)")
            self.assertEqual([program.ask({}), program.ask({})], [{"n": 1}, {"n": 1}])
            program.close()

    def test_a_program_that_dies_gives_its_last_words(self):
        with TemporaryDirectory() as folder:
            program = self.program(folder, "import sys\ninput()\nsys.exit('the model is gone')")
            for _ in range(2):
                with self.assertRaisesRegex(Unavailable, "the model is gone"):
                    program.ask({})

    def test_a_program_that_is_missing_is_named(self):
        with self.assertRaisesRegex(Unavailable, "nowhere is missing"):
            Program("peer", ["/nowhere"], "/dev/null").ask({})


class ReportTests(unittest.TestCase):
    records = [
        Row("decode, 8 rows", "transformers", "tokens/s", [100.0, 110.0], [300.0, 300.0], 0.5).record(),
        Row("decode, 8 rows", "llama.cpp", "tokens/s", [], [300.0], 0.5, "it did not build").record(),
        Row("floor: memory", "", "GB/s", operant=[50.0]).record(),
    ]

    def test_figures_have_three_digits(self):
        self.assertEqual(
            [report.figure(value) for value in (1234.5, 123.4, 12.34, 1.234, 0.0123, 0, None)],
            ["1234", "123", "12.3", "1.23", "0.0123", "0", "-"])

    def test_a_table_has_a_line_a_row_and_as_many_cells(self):
        lines = report.table(self.records).splitlines()
        self.assertEqual(len(lines), 2 + len(self.records))
        self.assertEqual({line.count("|") for line in lines}, {len(report.HEAD) + 1})
        self.assertIn("| 2.86 (2.73 to 3.00) | 50% |", lines[2])
        self.assertIn("| - | 50% |", lines[3])

    def test_a_missing_peer_says_why(self):
        self.assertIn("(it did not build)", report.line(self.records[1]))

    def test_the_readme_keeps_what_is_around_its_markers(self):
        text = f"before\n{report.BEGIN}\nold\n{report.END}\nafter\n"
        section = f"{report.BEGIN}\nnew\n{report.END}"
        self.assertEqual(report.insert(text, section), f"before\n{section}\nafter\n")
        with self.assertRaises(ValueError):
            report.insert("no markers", section)

    def test_a_chart_is_xml_with_a_bar_for_each_ratio(self):
        root = xml.etree.ElementTree.fromstring(chart.svg(self.records, "a < b & c"))
        bars = [each for each in root.iter("{http://www.w3.org/2000/svg}rect") if each.get("fill") == chart.FAST]
        self.assertEqual(len(bars), 1)
        chart.svg([], "nothing")

    def test_the_axis_is_logarithmic(self):
        self.assertAlmostEqual(chart.scale(10, 1, 100), chart.PLOT / 2)
        self.assertEqual(chart.ticks(0.5, 10), [0.5, 1, 2, 5, 10])


if __name__ == "__main__":
    unittest.main()
