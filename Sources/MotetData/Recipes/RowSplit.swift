import MotetCore

/// Splits rows that have no time: each row by its number alone, whatever the other rows are.
struct RowSplit {
    private let key: RandomKey
    private let train: Double
    private let validation: Double

    /// Creates a split with these shares of the rows, on average; the rest is for test.
    init(seed: UInt64, train: Double = 0.6, validation: Double = 0.2) {
        key = RandomKey(seed: seed).split("split")
        self.train = train
        self.validation = validation
    }

    /// The part of row `index`: the first 53 bits of the key's number `index`, as a fraction `u`,
    /// are below `train`, below `train + validation`, or not.
    func part(_ index: Int) -> RecipePart {
        let uniform = Double(key.bits(index) >> 11) * 0x1p-53
        if uniform < train { return .train }
        return uniform < train + validation ? .validation : .test
    }

    /// The parts of rows `0 ..< count`.
    func parts(_ count: Int) -> [RecipePart] { (0..<count).map { part($0) } }
}

extension RecipeTable {
    /// Adds the column `split` that names each row's part.
    mutating func addSplit(_ parts: [RecipePart]) {
        let names = RecipePart.allCases.map(\.rawValue)
        let codes = parts.map { Int32(names.firstIndex(of: $0.rawValue) ?? 0) }
        add("split", .texts(TextColumn(codes: codes, values: names)))
    }

    /// Adds a column of numbers as whole numbers.
    ///
    /// - Parameters:
    ///   - name: the column.
    ///   - values: whole numbers that fit 32 bits.
    ///   - file: the file they come from, for the error.
    /// - Throws: ``DatasetError`` when one of them is none.
    mutating func addWhole(_ name: String, _ values: [Double], of file: String) throws {
        var whole: [Int32] = []
        whole.reserveCapacity(values.count)
        for (row, value) in values.enumerated() {
            guard let number = Int32(exactly: value) else {
                throw DatasetError(
                    .datasetContent,
                    "\(file), row \(row + 1), column \"\(name)\": not a whole number; expected one "
                        + "in every row; received \(value)."
                )
            }
            whole.append(number)
        }
        add(name, .integers(whole))
    }

    /// Adds a column of 0 and 1.
    mutating func addFlags(_ name: String, _ values: [Bool]) {
        add(name, .integers(values.map { $0 ? 1 : 0 }))
    }
}

/// The line of an experiment that names a feature.
func featureLine(_ name: String, _ type: String, _ more: String = "") -> String {
    "  - { name: \(name), type: \(type)\(more.isEmpty ? "" : ", " + more) }"
}

/// The first lines of an experiment: its name and files.
func experimentHead(_ name: String, about: String, scenario: String) -> [String] {
    [
        "# \(about)", "name: \(name)", "seed: 42", "data:", "  train: train.parquet",
        "  validation: validation.parquet", "  test: test.parquet", "  scenario: \(scenario)",
        "features:",
    ]
}

/// The last lines of an experiment: a small model and how to train it.
let experimentTail = [
    "model: { architecture: mmoe, experts: 8, expert_units: [16], tower_units: [8] }",
    "training:",
    "  optimizer: { name: adam, learning_rate: 1.0e-3 }",
    "  batch_size: 1024",
    "  epochs: 5",
]
