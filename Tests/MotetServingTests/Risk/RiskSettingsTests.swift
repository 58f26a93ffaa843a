import Foundation
import Motet
import MotetConfiguration
import MotetDecisions
import MotetFeatureStore
import Testing

@testable import MotetServing

@Suite("Settings of risk") struct RiskSettingsTests {
    private func settings(_ text: String) throws -> ServingSettings.Risk? {
        try ServingSettings(
            ConfigurationDocument(parsing: text, name: "serve.yaml"),
            folder: "/etc/shop"
        ).risk
    }

    /// Every key, with a value that is not its default.
    private static let all = """
        risk:
          store: orders
          durability: power
          orders: 5000
          answers: 600
          currency: CHF
          maximum_amount: 9000
          ahead_seconds: 5
          order:
            task: fraud
            costs: { fraud_share: 0.9, fraud_fixed: 15, good_share: 0.2, good_fixed: 3, review: 4, review_catches: 0.8, review_refuses: 0.1 }
            evidence_limit: 4
            model_weight: 0.5
            intercept: -1
            rules:
              - orders: { code: fast, of: device, window: 1h, above: 3, weight: 1.5 }
              - spend: { code: big_day, of: payment, window: 1d, above: 900, weight: 1 }
              - accounts: { code: shared, of: address, window: 2w, above: 2, decision: review }
              - email: { code: mail, patterns: [ "a.example" ], weight: 2 }
              - phone: { code: phone, patterns: [ "+999*" ], decision: block }
              - amount: { code: tiny, below: 1, above: 800, weight: 0.5 }
              - column: { code: young, name: age, below: 2, weight: 0.25 }
          review:
            task: fake
            costs: { fraud_fixed: 10, good_fixed: 1, review: 2 }

        """

    @Test func everyKeyIsRead() throws {
        let risk = try #require(try settings(Self.all))
        #expect(risk.folder == "/etc/shop/orders")
        #expect(risk.durability == .power)
        #expect(risk.orders == 5000 && risk.answers == 600)
        #expect(risk.currency == "CHF" && risk.maximumAmount == 9000 && risk.aheadSeconds == 5)
        let order = try #require(risk.order)
        #expect(order.task.text == "fraud" && order.task.line == 10)
        #expect(
            order.policy
                == (try RiskPolicy(
                    rules: [
                        RiskRule(
                            "fast",
                            .orders(of: .device, window: 3_600_000, above: 3),
                            .weight(1.5)
                        ),
                        RiskRule(
                            "big_day",
                            .spend(of: .payment, window: 86_400_000, above: 900),
                            .weight(1)
                        ),
                        RiskRule(
                            "shared",
                            .accounts(of: .address, window: 1_209_600_000, above: 2),
                            .atLeast(.review)
                        ),
                        RiskRule("mail", .email([TextPattern("a.example")]), .weight(2)),
                        RiskRule("phone", .phone([TextPattern("+999*")]), .atLeast(.block)),
                        RiskRule("tiny", .amount(RiskRange(below: 1, above: 800)), .weight(0.5)),
                        RiskRule("young", .number("age", RiskRange(below: 2)), .weight(0.25)),
                    ],
                    costs: RiskCosts(
                        fraudShare: 0.9,
                        fraudFixed: 15,
                        goodShare: 0.2,
                        goodFixed: 3,
                        review: 4,
                        reviewCatches: 0.8,
                        reviewRefuses: 0.1
                    ),
                    evidenceLimit: 4,
                    modelWeight: 0.5,
                    intercept: -1
                ))
        )
        #expect(risk.review?.task.text == "fake")
        #expect(risk.kinds == [.order, .review])
    }

    @Test func patternsMayStandInFiles() throws {
        let file = NSTemporaryDirectory() + "motet-patterns-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: file) }
        try "one.example\n\n  two.example \n".write(toFile: file, atomically: true, encoding: .utf8)
        let text = Self.all.replacing(
            "patterns: [ \"a.example\" ]",
            with: "patterns: [ \"a.example\" ], files: \(file)"
        )
        let rule = try #require(try settings(text)?.order?.policy.rules[3])
        let patterns = try ["a.example", "one.example", "two.example"].map { try TextPattern($0) }
        #expect(rule.condition == .email(patterns))
        let error = #expect(throws: ConfigurationError.self) {
            try settings(text.replacing(file, with: "/nowhere"))
        }
        #expect("\(try #require(error))".contains("/nowhere"))
    }

    @Test(arguments: [
        ("  currency: CHF\n", "", "currency"),
        ("currency: CHF", "currency: \"\"", "no name of a currency"),
        ("review: 4,", "", "risk.order.costs"),
        ("review: 4", "review: -4", "risk.order.costs.review"),
        ("good_share: 0.2, good_fixed: 3, ", "", "one kind of mistake costs nothing"),
        ("code: fast", "code: Fast!", "the code is none"),
        ("code: fast", "code: shared", "same code"),
        ("code: fast", "code: model_score", "model's own reason"),
        ("above: 3, weight: 1.5", "above: 3", "one of `weight` and `decision`"),
        ("above: 3, weight: 1.5", "above: 3, weight: 1, decision: block", "received both"),
        ("window: 1h", "window: soon", "not a length of time"), ("window: 1h, ", "", "window"),
        ("window: 2w", "window: 100d", "the window is out of range"),
        ("of: address", "of: account", "accounts of an account"),
        ("of: device", "of: house", "house"),
        ("below: 1, above: 800", "below: 900, above: 800", "range"),
        ("below: 2, weight: 0.25", "weight: 0.25", "range"),
        ("patterns: [ \"a.example\" ], ", "", "no patterns"), ("- orders:", "- order:", "order"),
        ("evidence_limit: 4", "evidence_limit: 99", "evidence_limit"),
        ("model_weight: 0.5", "model_weight: -1", "model_weight"),
        ("answers: 600", "answer: 600", "Did you mean `answers`?"),
    ])
    func mistakesAreToldWithTheirPlace(old: String, new: String, told: String) throws {
        precondition(Self.all.contains(old), "\(old) is not in the file")
        let error = #expect(throws: ConfigurationError.self) {
            try settings(Self.all.replacing(old, with: new))
        }
        let text = "\(try #require(error))"
        #expect(text.contains(told), "\(text)")
        #expect(text.contains("serve.yaml:"))
    }

    @Test func somethingMustBeJudged() throws {
        let error = #expect(throws: ConfigurationError.self) {
            try settings("risk: { store: memory, currency: EUR }")
        }
        #expect("\(try #require(error))".contains("nothing is judged"))
    }

    @Test func thePagesNameEveryKey() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/serving/configuration.md"),
            encoding: .utf8
        )
        for match in Self.all.matches(of: /([a-z_]+):/) {
            #expect(page.contains("`\(match.1)`"), "\(match.1)")
        }
        #expect(page.contains("`files`"))
    }

    @Test func theExampleIsReadAndItsRunHasTheTask() throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Examples/Simulation")
        let settings = try ServingSettings(
            contentsOf: folder.appendingPathComponent("risk-serve.yaml")
        )
        let order = try #require(settings.risk?.order)
        let experiment = try Experiment(contentsOf: folder.appendingPathComponent("risk.yaml"))
        let task = try #require(experiment.tasks.first { $0.name == order.task.text })
        #expect(task.loss.isBinary && task.costs != nil)
        let columns = Set(experiment.features.map(\.column))
        #expect(Set(order.policy.columns).isSubset(of: columns))
    }

    @Test func theExampleOfThePageIsRead() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(
            contentsOf: root.appendingPathComponent("docs/serving/risk.md"),
            encoding: .utf8
        )
        let start = try #require(page.range(of: "```yaml\n"))
        let end = try #require(page.range(of: "```", range: start.upperBound..<page.endIndex))
        let risk = try settings(String(page[start.upperBound..<end.lowerBound]))
        #expect(risk?.order != nil && risk?.review != nil)
    }
}
