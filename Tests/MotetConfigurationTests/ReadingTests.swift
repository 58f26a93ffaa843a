import MotetConfiguration
import MotetCore
import Testing

private enum Pooling: String, CaseIterable {
    case mean, sum, last
}

@Suite("Reading a configuration") struct ReadingTests {
    @Test func everyProblemIsReportedAtOnceInTheOrderOfTheLines() {
        let text = """
            name: ple
            sed: 42
            model:
              architecture: plee
              levels: two
              expert_unit: [256, 128]
            training:
              batch_size: 0
              optimizer: { name: adam, learning_rte: 1.0e-3 }
            tasks:
              - { name: click, metrics: [auc, 3.5] }
              - { label: bought }
            """
        let found = problems(in: text) { root in
            _ = root.string("name")
            _ = root.integer("seed", in: .atLeast(0))
            root.section("model") { model in
                _ = model.choice("architecture", of: ["ple": 1, "mmoe": 2])
                _ = model.integer("levels", default: 2, in: .atLeast(1))
                _ = model.integers("expert_units", default: [64], in: .atLeast(1))
            }
            root.section("training") { training in
                _ = training.integer("batch_size", default: 256, in: .atLeast(1))
                training.variant("optimizer", of: ["sgd", "adam"]) { name, settings in
                    #expect(name == "adam")
                    _ = settings.number("learning_rate", default: 0.001, in: .above(0))
                }
            }
            let tasks: [String] = root.list("tasks", count: .atLeast(1)) { task in
                task.section { task in
                    _ = task.string("label", default: "")
                    _ = task.list(ifPresent: "metrics") { $0.integer() }
                    return task.string("name")
                }
            }
            #expect(tasks == ["click", ""])
        }
        #expect(
            found == [
                "ple.yaml:1, seed: missing; expected a whole number, at least 0.",
                "ple.yaml:2, sed: unknown key. Did you mean `seed`?",
                "ple.yaml:4, model.architecture: unknown value; expected one of `ple`, `mmoe`; "
                    + "received \"plee\". Did you mean `ple`?",
                "ple.yaml:5, model.levels: expected a whole number; received \"two\".",
                "ple.yaml:6, model.expert_unit: unknown key. Did you mean `expert_units`?",
                "ple.yaml:8, training.batch_size: out of range; expected at least 1; received 0.",
                "ple.yaml:9, training.optimizer.learning_rte: unknown key. "
                    + "Did you mean `learning_rate`?",
                "ple.yaml:11, tasks[0].metrics[0]: expected a whole number; received \"auc\".",
                "ple.yaml:11, tasks[0].metrics[1]: expected a whole number; received 3.5.",
                "ple.yaml:12, tasks[1].name: missing; expected text.",
            ]
        )
    }

    @Test func valuesOfEveryKindAreRead() throws {
        let text = """
            text: s2
            code: 007
            flag: true
            count: 1.0e6
            rate: 1.0e-3
            whole: 3
            units: [256, 128]
            shares: [0.5, 1]
            files: a.parquet
            pooling: last
            empty:
            """
        try value(of: text) { root in
            #expect(root.string("text") == "s2")
            #expect(root.string("code") == "007")
            #expect(root.boolean("flag"))
            #expect(root.integer("count") == 1_000_000)
            #expect(root.number("rate", in: .between(0, 1)) == 0.001)
            #expect(root.number("whole") == 3)
            #expect(root.integers("units", count: .atLeast(1)) == [256, 128])
            #expect(root.numbers("shares", default: []) == [0.5, 1])
            #expect(root.strings("files", allowsOne: true) == ["a.parquet"])
            #expect(root.choice("pooling", default: Pooling.mean) == .last)
            #expect(!root.has("empty"))
            #expect(root.keys.count == 11)
        }
    }

    @Test func keysLeftOutTakeTheirDefaults() throws {
        try value(of: "other: 1") { root in
            _ = root.integer("other")
            #expect(root.string("text", default: "x") == "x")
            #expect(root.string(ifPresent: "text") == nil)
            #expect(root.integer("count", default: 7) == 7)
            #expect(root.number("rate", default: 0.5) == 0.5)
            #expect(root.boolean("flag", default: true))
            #expect(root.choice("pooling", default: Pooling.sum) == .sum)
            #expect(root.choice("kind", of: ["a": 1], default: 9) == 9)
            #expect(root.strings("files", default: ["f"]) == ["f"])
            #expect(root.integers("units", default: [1]) == [1])
            #expect(root.section(ifPresent: "part") { $0.integer("n") } == nil)
            #expect(root.section(orEmpty: "part") { $0.integer("n", default: 4) } == 4)
            #expect(root.variant(ifPresent: "kind2", of: ["a"]) { name, _ in name } == nil)
        }
    }

    @Test(arguments: [
        ("v: 1.5", "ple.yaml:1, v: expected a whole number; received 1.5."),
        ("v: [1]", "ple.yaml:1, v: expected a whole number; received a list."),
        ("v: { a: 1 }", "ple.yaml:1, v: expected a whole number; received a map."),
        ("v: '5'", "ple.yaml:1, v: expected a whole number; received \"5\"."),
        ("v: true", "ple.yaml:1, v: expected a whole number; received true."),
        ("v: 1e30", "ple.yaml:1, v: expected a whole number; received 1e30."),
        ("v:", "ple.yaml:1, v: missing; expected a whole number, at least 1."),
        ("\nw: 0\nv: -3", "ple.yaml:3, v: out of range; expected at least 1; received -3."),
    ])
    func wholeNumbersAreChecked(text: String, expected: String) {
        let found = problems(in: text) { root in
            _ = root.has("w")
            _ = root.integer("v", in: .atLeast(1))
        }
        #expect(found == [expected])
    }

    @Test(arguments: [
        ("v: '12,50'", "expected a number; received \"12,50\". Write the decimal point as `.`."),
        ("v: .nan", "expected a finite number; received .nan."),
        ("v: 1", "out of range; expected greater than 0.0 and less than 1.0; received 1."),
        ("v: fast", "expected a number; received \"fast\"."),
    ])
    func numbersAreChecked(text: String, expected: String) {
        let found = problems(in: text) { _ = $0.number("v", in: .strictlyBetween(0, 1)) }
        #expect(found == ["ple.yaml:1, v: " + expected])
    }

    @Test func booleansAndTextAreChecked() {
        let found = problems(in: "a: yes\nb: [x]\nc: 1\nd: sums") { root in
            _ = root.boolean("a")
            _ = root.string("b")
            _ = root.boolean("c", default: true)
            let _: Pooling = root.choice("d")
        }
        #expect(
            found == [
                "ple.yaml:1, a: expected true or false; received \"yes\". Write `true`.",
                "ple.yaml:2, b: expected text; received a list.",
                "ple.yaml:3, c: expected true or false; received 1.",
                "ple.yaml:4, d: unknown value; expected one of `mean`, `sum`, `last`; "
                    + "received \"sums\". Did you mean `sum`?",
            ]
        )
    }

    @Test(arguments: [
        ("v: 3", "ple.yaml:1, v: expected a list; received 3."),
        ("v: []", "ple.yaml:1, v: wrong number of elements; expected at least 1; received 0."),
        ("v: [a, {b: 1}]", "ple.yaml:1, v[1]: expected text; received a map."),
        ("w: 1", "ple.yaml:1, v: missing; expected a list of text."),
    ])
    func listsAreChecked(text: String, expected: String) {
        let found = problems(in: text) { root in
            _ = root.has("w")
            _ = root.strings("v", count: .atLeast(1))
        }
        #expect(found == [expected])
    }

    @Test(arguments: [
        "v: joint", "v: { joint: { epochs: 3 } }", "v: { name: joint, epochs: 3 }",
        "v: { joint: }",
    ])
    func aVariantHasThreeSpellings(text: String) throws {
        let (name, epochs) = try value(of: text) { root in
            root.variant("v", of: ["alternating", "joint"]) { name, settings in
                (name, settings.integer("epochs", default: 3))
            }
        }
        #expect(name == "joint")
        #expect(epochs == 3)
    }

    @Test(arguments: [
        (
            "v: jont",
            "ple.yaml:1, v: unknown value; expected one of `alternating`, `joint`; "
                + "received \"jont\". Did you mean `joint`?"
        ),
        (
            "v:\n  jont: { epochs: 3 }",
            "ple.yaml:2, v: unknown value; expected one of `alternating`, `joint`; "
                + "received \"jont\". Did you mean `joint`?"
        ),
        ("v: { joint: 3 }", "ple.yaml:1, v.joint: expected a map of keys and values; received 3."),
        (
            "v: { joint: { epoch: 3 } }",
            "ple.yaml:1, v.joint.epoch: unknown key. Did you mean `epochs`?"
        ),
        (
            "v: { epochs: 3, steps: 4 }",
            "ple.yaml:1, v: the name is missing; expected `name` with one of `alternating`, `joint`."
        ),
        ("w: 1", "ple.yaml:1, v: missing; expected one of `alternating`, `joint`."),
        (
            "v: 3",
            "ple.yaml:1, v: unknown value; expected one of `alternating`, `joint`; "
                + "received \"3\"."
        ),
    ])
    func variantsAreChecked(text: String, expected: String) {
        let found = problems(in: text) { root in
            _ = root.has("w")
            root.variant("v", of: ["alternating", "joint"]) { _, settings in
                _ = settings.integer("epochs", default: 1, in: .atLeast(1))
            }
        }
        #expect(found == [expected])
    }

    @Test func aMissingSectionIsOneProblemAndStillGivesAValue() {
        var levels = 0
        let found = problems(in: "name: x") { root in
            _ = root.string("name")
            levels = root.section("model") { $0.integer("levels", in: .atLeast(1)) }
        }
        #expect(found == ["ple.yaml:1, model: missing; expected a map of keys and values."])
        #expect(levels == 1)
    }

    @Test func errorsOfOtherPartsGetAPlace() {
        struct Refusal: ReportableError {
            var code: ErrorCode { ErrorCode(rawValue: "refused") }
            var description: String { "dtype \"f16\": not supported" }
        }
        let found = problems(in: "a: 1\ntype: f16") { root in
            _ = root.has("a")
            let type = root.parsed("type", default: 32) { _ in throw Refusal() }
            #expect(type == 32)
            root.fail("a", "does not go with `type`.")
        }
        #expect(
            found == [
                "ple.yaml:1, a: does not go with `type`.",
                "ple.yaml:2, type: dtype \"f16\": not supported",
            ]
        )
    }

    @Test func anErrorThrownWhileReadingGivesWayToTheProblemsThatCausedIt() throws {
        struct Unrelated: Error {}
        let document = try ConfigurationDocument(parsing: "a: x", name: "ple.yaml")
        #expect(throws: ConfigurationError.self) {
            try document.read { root in
                _ = root.integer("a")
                throw Unrelated()
            }
        }
        #expect(throws: Unrelated.self) { try document.read { _ in throw Unrelated() } }
    }

    @Test func unknownKeysWithoutANeighbourListTheKnownOnes() {
        let found = problems(in: "name: a\ncolour: red\nnest: { x: 1 }") { root in
            _ = root.string("name")
            root.section("nest") { _ in }
        }
        #expect(
            found == [
                "ple.yaml:2, colour: unknown key; expected one of `name`, `nest`.",
                "ple.yaml:3, nest.x: unknown key; expected none here.",
            ]
        )
    }
}
