import MotetCore
import MotetTestSupport
import Testing

@testable import MotetRanking

/// What holds for every text that may stand where a score formula does.
private struct FormulaProperty: Sendable {
    static let known = ["click", "purchase", "price"]
    /// What writes a formula that was read.
    var writer = FormulaWriter()
    /// Values for the names: ordinary ones, limits, and what is no number.
    private static let values = [0.5, 0, -1, 1, 1e-300, 1e300, .infinity, .nan]

    /// What is wrong with how a text is read; nil where nothing is.
    func problem(_ document: [UInt8]) -> String? {
        let text = String(decoding: document, as: UTF8.self)
        let formula: ScoreFormula
        var parser: FormulaParser
        do {
            formula = try ScoreFormula(text, names: Self.known)
            parser = try FormulaParser(text, known: Self.known)
            try parser.parse()
        } catch { return SentenceCheck.problem(error) }
        guard Set(formula.names).isSubset(of: Self.known), !formula.names.isEmpty else {
            return "it reads \(formula.names)"
        }
        guard let written = writer.text(parser.steps, names: parser.names) else {
            return "its steps are no formula: \(parser.steps)"
        }
        do {
            var again = try FormulaParser(written, known: Self.known)
            try again.parse()
            guard again.steps == parser.steps, again.names == parser.names else {
                return "written again it is another: \(written)"
            }
        } catch { return "written again it is none: \(written): \(error)" }
        return scoresProblem(formula, written)
    }

    /// Scores are finite or NaN, and those of the formula written again are the same, bit by bit.
    private func scoresProblem(_ formula: ScoreFormula, _ written: String) -> String? {
        let count = Self.values.count
        let columns = formula.names.indices.map { place in
            (0..<count).map { Self.values[($0 + place) % count] }
        }
        let scores = formula.scores(columns, count: count)
        guard scores.count == count, scores.allSatisfy({ $0.isFinite || $0.isNaN }) else {
            return "its scores are \(scores)"
        }
        guard written.count <= ScoreFormula.maximumLength,
            let again = try? ScoreFormula(written, names: Self.known)
        else { return nil }
        let others = again.scores(columns, count: count)
        let isSame = zip(scores, others).allSatisfy { $0.bitPattern == $1.bitPattern }
        return isSame ? nil : "\(scores) and, written again, \(others)"
    }

    static let corpus = [
        "click^0.7 * purchase^1.2 * price^0.3", "log1p(price) * (click + 2 * purchase) / 3",
        "max(click, purchase, 1e-6) - -price", "clamp(purchase / max(click, 1e-3), 0, 1)^2",
        "-click^-2^0.5", "exp(-abs(log(sqrt(price)) - .5)) + click - (purchase - price)",
        "click / (purchase / price) - (1. + 2E+1)",
    ]

    static let dictionary = [
        "+", "-", "*", "/", "^", "(", ")", ",", " ", "\n", "click", "purchase", "price", "pri",
        "abs", "clamp", "exp",
        "log", "log1p", "max", "min", "sqrt", "abs(", "max()", "clamp(click,0,1)", "0", "1", "2.",
        ".5", ".", "..",
        "1e", "1e+", "1e-5", "1e308", "1e309", "5e-324", "1e-400", "00", "0x1", "1_0", "nan", "inf",
        "99999999999999999999", "0.1000000000000000055511151231257827", "**", "--", "((", "))", "é",
        "e\u{301}",
        "click\u{301}", "1\u{301}", "١", "𝟙", "\u{0}", "\u{a0}", "\u{2028}", "\u{7f}", "\u{200b}",
        "p" + String(repeating: "\u{301}", count: 3_000), String(repeating: "z", count: 1_500),
    ]
}

@Suite("Score formulas, fuzzed") struct FormulaFuzzTests {
    private static let mutator = DocumentMutator(
        corpus: FormulaProperty.corpus,
        dictionary: FormulaProperty.dictionary
    )

    @Test func theCorpusIsRead() {
        for text in FormulaProperty.corpus {
            #expect(FormulaProperty().problem(Array(text.utf8)) == nil)
            #expect(throws: Never.self) {
                try ScoreFormula(text, names: FormulaProperty.known)
            }
        }
    }

    @Test func everyTextIsAFormulaOrRefusedWithASentence() {
        let run = FuzzRun(suite: 20_000)
        var read = 0
        let failure = run.firstFailure(Self.mutator) { document in
            let text = String(decoding: document, as: UTF8.self)
            if (try? ScoreFormula(text, names: FormulaProperty.known)) != nil { read += 1 }
            return FormulaProperty().problem(document)
        }
        #expect(failure == nil, "\(failure?.description ?? "")")
        #expect(read > run.iterations / 20, "\(read) of \(run.iterations)")
        print("score formulas fuzzed: seed \(run.seed), \(run.iterations) texts, \(read) read")
    }

    @Test func aWriterThatForgetsParenthesesIsFound() throws {
        let property = FormulaProperty(writer: FormulaWriter(mindsTheRightSide: false))
        let failure = try #require(
            FuzzRun(iterations: 2_000, seed: 1).firstFailure(Self.mutator) { property.problem($0) }
        )
        #expect(failure.problem.contains("written again it is another"), "\(failure)")
        // Cut down to what is needed: a - (b - c) of names and signs alone.
        #expect(failure.document.count < 40, "\(failure)")
    }
}
