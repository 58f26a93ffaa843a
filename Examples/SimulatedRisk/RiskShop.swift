import Motet

/// The log of a shop with rings, as its models see it, and who cheated.
///
/// The first three fifths of the rows, in the order of time, are trained on; the next 15 % choose epochs and weights of rules; the rest
/// is judged. Labels of fraud are reports, which come for eight of ten fake orders and one of a thousand honest ones, and so from outside
/// of every rule.
struct RiskShop {
    static let tasks = ["click", "cart", "pay", "return", "fraud"]
    static let tests = 0.25
    static let validation = 0.15

    let log: SimulatedLog
    /// The numeric columns of all rows, row by row.
    let numbers: [Float]
    let names: [String]
    /// For each task a label for each row; NaN where it is not defined.
    let labels: [[Float]]
    /// The rows with a paid order, in the order of time.
    let orders: [Int]
    /// Whether each row is a fake order.
    let isFake: [Bool]
    let price: [Float]

    var rows: Int { log.rowCount }
    /// The first row that chooses, and the first that is judged.
    var validationStart: Int { Int(Double(rows) * (1 - Self.tests - Self.validation)) }
    var testStart: Int { Int(Double(rows) * (1 - Self.tests)) }

    init(rows: Int, seed: UInt64) throws {
        var settings = SimulationSettings()
        settings.rows = rows
        settings.seed = 300 + seed
        settings.days = 60
        settings.users = max(2_000, rows / 30)
        settings.items = 2_000
        settings.delays.payHours = 0
        settings.delays.returnHours = 0
        settings.demand.stockCover = 0
        settings.ads.share = 0
        settings.fraud.reported = 0.8
        log = try SimulatedLog(settings)
        let dimension = settings.latents.dimension
        price = try log.column("price")
        let (hour, age) = (try log.column("hour"), try log.column("account_age_days"))
        let turn = Float.pi / 12
        var columns: [(String, [Float])] = []
        for name in (0..<dimension).map({ "user_\($0)" }) + (0..<dimension).map({ "item_\($0)" }) {
            columns.append((name, try log.column(name)))
        }
        columns.append(("intent", try log.column("intent")))
        columns.append(("price", price.map { Float(logarithm(Double($0))) - 3 }))
        columns.append(("account_age", age.map { Float(logarithm(1 + Double($0))) - 5 }))
        columns.append(("position", try log.column("position").map { $0 / 10 - 0.5 }))
        columns.append(("hour_sine", hour.map { Float(sine(Double($0 * turn))) }))
        columns.append(("hour_cosine", hour.map { Float(sine(Double($0 * turn) + .pi / 2)) }))
        names = columns.map(\.0)
        var numbers = [Float](repeating: 0, count: log.rowCount * columns.count)
        for (place, column) in columns.enumerated() {
            for row in 0..<log.rowCount { numbers[row * columns.count + place] = column.1[row] }
        }
        self.numbers = numbers
        let (click, cart) = (try log.column("click"), try log.column("cart"))
        let (pay, back) = (try log.column("pay"), try log.column("returned"))
        let reported = try log.column("reported_fraud")
        func within(_ labels: [Float], _ condition: [Float]) -> [Float] {
            zip(labels, condition).map { $1 == 1 ? $0 : .nan }
        }
        labels = [
            click, within(cart, click), within(pay, cart), within(back, pay), within(reported, pay),
        ]
        orders = pay.indices.filter { pay[$0] == 1 }
        isFake = try log.column("fake_order").map { $0 == 1 }
    }

    /// Columns of ids, with how many there are; 0 stands for none.
    func ids() throws -> [(name: String, values: [Int32], count: Int)] {
        let settings = log.settings
        return [
            ("category", try log.column("category").map { Int32($0) + 1 }, settings.categories + 1),
            ("seller", try log.column("seller").map { Int32($0) + 1 }, settings.sellers + 1),
            ("weekday", try log.column("weekday").map { Int32($0) + 1 }, 8),
            ("place", log.scenario.map { $0 + 1 }, settings.scenarios.count + 1),
        ]
    }

    /// Some rows with their labels.
    func dataset(_ rows: [Int]) throws -> PreparedDataset {
        let width = names.count
        var values: [Float] = []
        values.reserveCapacity(rows.count * width)
        for row in rows { values += numbers[(row * width)..<((row + 1) * width)] }
        return try PreparedDataset(
            inMemory: [("numeric", .floats(values, width: width))]
                + (try ids()).map { id in (id.name, .integers(rows.map { id.values[$0] })) }
                + zip(Self.tasks, labels).map { task, labels in
                    ("label/\(task)", .floats(rows.map { labels[$0] }))
                }
        )
    }

    /// The inputs of a model.
    func features() throws -> FeatureInputs {
        FeatureInputs(
            features: try ids().map {
                FeatureInput(name: $0.name, vocabularySize: $0.count, dimension: 4)
            },
            numericWidth: names.count
        )
    }
}
