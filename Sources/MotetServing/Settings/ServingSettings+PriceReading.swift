import MotetConfiguration
import MotetDecisions
import MotetFeatures
import MotetLedger

extension ServingSettings.Price {
    /// Reads a section; nil where a mistake was told that leaves nothing to go on with.
    init?(reading reader: ConfigurationReader, folder: String, file: String) {
        let place = ReadingPlace(folder: folder, file: file)
        let store = reader.string("store")
        let task = place.named(reader, "task")
        let currency = reader.string("currency")
        let told = reader.section("rules") { Self.rules($0, RuleValues()) }
        // What was told to be wrong is stood in for, so that the other keys are read.
        guard let rules = told ?? Self.placeholder else { return nil }
        self.init(task: task, currency: currency, rules: rules)
        self.folder = store == "memory" ? nil : place.path(store)
        if !(1...16).contains(currency.utf8.count) {
            reader.fail(
                "currency",
                "no name of a currency; expected 1 to 16 characters, such as EUR; received \"\(currency)\"."
            )
        }
        objective = reader.choice("objective", default: objective)
        let deviations = Bounds<Double>.between(1e-3, 10)
        levelDeviation = reader.number("level_deviation", default: 0.5, in: deviations)
        elasticityDeviation = reader.number("elasticity_deviation", default: 0.5, in: deviations)
        isPerScenario = reader.boolean("per_scenario", default: false)
        maximum = reader.number("maximum_price", default: maximum, in: .between(0.01, 1e9))
        fallback = reader.choice("fallback", default: fallback)
        history = reader.number("history", default: 0, in: .between(0, 1e9))
        usesUser = reader.boolean("uses_user", default: false)
        readJournal(reader)
        readBook(reader)
        reader.section(orEmpty: "columns") { columns in
            self.columns.cost = columns.string(ifPresent: "cost")
            self.columns.list = columns.string(ifPresent: "list")
            self.columns.category = columns.string(ifPresent: "category")
            self.columns.history = columns.string(ifPresent: "history")
        }
        let base = RuleValues(rules)
        overrides =
            reader.list(ifPresent: "overrides") { value in
                value.section { Self.override($0, base) }
            } ?? []
        neverUse =
            reader.list(ifPresent: "never_use") { value in
                value.string().map { place.named($0, value) }
            } ?? []
        check(reader)
    }

    private mutating func readJournal(_ reader: ConfigurationReader) {
        journal.durability = reader.choice("durability", default: .process)
        journal.keepDays = reader.integer("keep_days", default: 400, in: .between(1, 4000))
        journal.fileBytes =
            reader.integer("file_mib", default: 64, in: .between(1, 4096)) << 20
        journal.totalBytes =
            reader.integer("total_mib", default: 16_384, in: .between(1, 1 << 24)) << 20
    }

    private mutating func readBook(_ reader: ConfigurationReader) {
        book.periodLength = reader.parsed("period", default: book.periodLength) {
            try TimeSpan.parse($0)
        }
        book.periodOffset = Int64(
            (3_600_000 * reader.number("utc_offset", default: 0, in: .between(-14, 14))).rounded()
        )
        book.seed = UInt64(reader.integer("seed", default: 0, in: .between(0, Int.max)))
        book.prices = reader.integer("prices", default: book.prices, in: .between(2, 1000))
        let draws = reader.integer("draws", default: 50, in: .between(1, 10_000))
        book.exploration = reader.choice(
            "exploration",
            of: ["thompson": .thompson(draws: draws), "none": .none],
            default: .thompson(draws: draws)
        )
        book.changes = reader.section(ifPresent: "changes") { changes in
            PriceBook.Settings.Changes(
                most: changes.integer("most", in: .between(0, 1000)),
                window: changes.parsed("window", default: 7 * 86_400_000) {
                    try TimeSpan.parse($0)
                }
            )
        }
    }

    /// What does not go together.
    private func check(_ reader: ConfigurationReader) {
        if fallback == .list, columns.list == nil {
            reader.fail(
                "fallback",
                "no column has list prices; expected `columns.list` beside `fallback: list`; received none."
            )
        }
        if history > 0, columns.history == nil {
            reader.fail(
                "history",
                "no column tells it; expected `columns.history` beside `history`; received none."
            )
        }
        if columns.category == nil, overrides.contains(where: { $0.category != nil }) {
            reader.fail(
                "overrides",
                "no column has categories; expected `columns.category` beside overrides of categories; received none."
            )
        }
    }

    private static var placeholder: PriceRules? {
        try? PriceRules(floor: Money(1), ceiling: Money(2))
    }

    /// The rules as they are written.
    private struct RuleValues {
        var floor: Double?
        var ceiling: Double?
        var step = 0.01
        var greatestChange: Double?
        var endings: [Int] = []

        init() {}

        init(_ rules: PriceRules) {
            floor = rules.floor.units
            ceiling = rules.ceiling.units
            step = rules.step.units
            greatestChange = rules.greatestChange
            endings = rules.endings.sorted()
        }
    }

    private static func rules(_ reader: ConfigurationReader, _ base: RuleValues) -> PriceRules? {
        let amounts = Bounds<Double>.between(0.000001, 1e9)
        func amount(_ key: String, _ fallback: Double?) -> Double {
            fallback.map { reader.number(key, default: $0, in: amounts) }
                ?? reader.number(key, in: amounts)
        }
        let (floor, ceiling) = (amount("floor", base.floor), amount("ceiling", base.ceiling))
        let step = amount("step", base.step)
        let change =
            reader.has("greatest_change")
            ? reader.number("greatest_change", in: .between(1e-6, 100)) : base.greatestChange
        let endings =
            reader.has("endings")
            ? reader.integers("endings", default: []) : base.endings
        if !endings.isEmpty, !Money(step).micros.isMultiple(of: 10_000) {
            reader.fail(
                "step",
                "prices with endings are of hundredths; expected a multiple of 0.01; received \(step)."
            )
            return nil
        }
        do {
            return try PriceRules(
                floor: Money(floor),
                ceiling: Money(ceiling),
                step: Money(step),
                greatestChange: change,
                endings: Set(endings)
            )
        } catch {
            reader.fail(nil, error.description)
            return nil
        }
    }

    private static func override(_ reader: ConfigurationReader, _ base: RuleValues) -> Override? {
        let (item, category) = (
            reader.string(ifPresent: "item"), reader.string(ifPresent: "category")
        )
        if (item == nil) == (category == nil) {
            reader.fail(
                nil,
                "an override is of an item or of a category; expected one of `item` and `category`; received "
                    + (item == nil ? "neither." : "both.")
            )
        }
        return rules(reader, base).map { Override(item: item, category: category, rules: $0) }
    }
}
