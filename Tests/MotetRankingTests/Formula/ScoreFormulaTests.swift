import Testing

@testable import MotetRanking

@Suite("Score formula") struct ScoreFormulaTests {
    private let known = ["click", "purchase", "price"]

    @Test(arguments: try RankingGolden.read().formulas)
    func formulasGiveWhatPythonGives(golden: RankingGolden.Formula) throws {
        let values = try RankingGolden.read().values
        let formula = try ScoreFormula(golden.formula, names: known)
        let columns = formula.names.map { values[$0] ?? [] }
        let scores = formula.scores(columns, count: golden.scores.count)
        for (score, expected) in zip(scores, golden.scores) {
            // Another library's powers may differ in the last digit.
            #expect(abs(score - expected) <= 1e-13 * max(1, abs(expected)), "\(score) \(expected)")
        }
    }

    @Test func namesComeInTheOrderOfTheirFirstAppearance() throws {
        let formula = try ScoreFormula("price * click + price / click", names: known)
        #expect(formula.names == ["price", "click"])
        #expect(formula.scores([[2, 4], [1, 2]], count: 2) == [4, 10])
        #expect(formula.description == "price * click + price / click")
    }

    @Test func aScoreThatIsNotFiniteIsNaN() throws {
        for (text, value) in [
            ("log(click)", 0.0), ("1 / click", 0), ("log(click)", -1), ("click^0.5", -1),
            ("exp(click)", 1000), ("max(click, 1)", .nan), ("clamp(click, 0, 1)", .nan),
            ("min(1, click)", .nan),
        ] {
            let score = try ScoreFormula(text, names: known).scores([[value, 1]], count: 2)
            #expect(score[0].isNaN, "\(text)")
            #expect(score[1].isFinite, "\(text)")
        }
    }

    @Test(arguments: [
        ("", "column 1: expected a number, a name or an opening parenthesis; received the end."),
        (
            "click *",
            "column 8: expected a number, a name or an opening parenthesis; received the end."
        ),
        ("(click", "column 7: expected a closing parenthesis; received the end."),
        (
            "click)",
            "column 6: something follows a complete formula; expected an operator or the end; received \")\"."
        ),
        (
            "click purchase",
            "column 7: something follows a complete formula; expected an operator or the end; received \"purchase\"."
        ),
        (
            "clik * 2",
            "column 1: unknown name; expected one of click, purchase, price; received \"clik\". Did you mean `click`?"
        ),
        (
            "logg(click)",
            "column 1: unknown function; expected one of abs, clamp, exp, log, log1p, max, min, sqrt; received \"logg\". Did you mean `log`?"
        ),
        (
            "log(click, 2)",
            "column 1: wrong number of arguments of log; expected 1 argument; received 2."
        ),
        (
            "clamp(click, 2)",
            "column 1: wrong number of arguments of clamp; expected 3 arguments, clamp(value, low, high); received 2."
        ),
        (
            "max()",
            "column 1: wrong number of arguments of max; expected at least 1 argument; received 0."
        ),
        (
            "max(click,)",
            "column 11: expected a number, a name or an opening parenthesis; received \")\"."
        ),
        (
            "1.2.3 * click",
            "column 1: not a number; expected digits with at most one point and an exponent; received \"1.2.3\"."
        ),
        (
            "1e999 * click",
            "column 1: not a number; expected digits with at most one point and an exponent; received \"1e999\"."
        ),
        (
            "click ** 2",
            "column 8: expected a number, a name or an opening parenthesis; received \"*\"."
        ),
        (
            "click; drop",
            "column 6: a character that has no meaning here; expected a number, a name, one of + - * / ^ ( ) or a comma; received \";\"."
        ),
        (
            "+click",
            "column 1: expected a number, a name or an opening parenthesis; received \"+\"."
        ),
        (
            "2e * click",
            "column 2: something follows a complete formula; expected an operator or the end; received \"e\"."
        ),
    ])
    func whatIsNoFormulaIsToldWithItsColumn(text: String, problem: String) throws {
        let error = #expect(throws: RankingError.self) { try ScoreFormula(text, names: known) }
        #expect(error?.description == "score formula, " + problem)
        #expect(error?.code == .scoreFormula)
    }

    @Test func aFormulaThatNamesNothingIsAnError() {
        let error = #expect(throws: RankingError.self) { try ScoreFormula("2 + 3", names: known) }
        #expect(error?.description.hasPrefix("score formula: names nothing") == true)
    }

    @Test func lengthAndDepthAreLimited() throws {
        let long = Array(repeating: "click", count: 400).joined(separator: "+")
        #expect(throws: RankingError.self) { try ScoreFormula(long, names: known) }
        for (open, close) in [("(", ")"), ("-", ""), ("log(", ")"), ("2^", "")] {
            let near =
                String(repeating: open, count: 60) + "click" + String(repeating: close, count: 60)
            _ = try ScoreFormula(near, names: known)
            let deep =
                String(repeating: open, count: 150) + "click" + String(repeating: close, count: 150)
            let error = #expect(throws: RankingError.self) { try ScoreFormula(deep, names: known) }
            #expect(error?.description.contains("nested too deeply") == true, "\(open)")
        }
    }

    /// Random texts either read as a formula or give a sentence: nothing traps.
    @Test func noTextTraps() {
        let pieces = [
            "click", "price", "(", ")", "+", "-", "*", "/", "^", ",", "log", "max", "1", ".", "e",
            "1e", " ",
            "\u{0}", "é", "١", "𝟙", "clamp(", "2^", "_", "\n", "nan", "inf", "0x1", "1_0",
        ]
        var state: UInt64 = 42
        func next(_ count: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int((state >> 33) % UInt64(count))
        }
        var read = 0
        for _ in 0..<20_000 {
            let text = (0..<(1 + next(12))).map { _ in pieces[next(pieces.count)] }.joined()
            guard let formula = try? ScoreFormula(text, names: known) else { continue }
            read += 1
            let scores = formula.scores(formula.names.map { _ in [0.5] }, count: 1)
            #expect(scores.count == 1)
        }
        #expect(read > 100)
    }
}
