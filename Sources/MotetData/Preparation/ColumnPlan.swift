/// What must be kept of the files' columns while they are read, and which dictionary numbers the
/// values of each.
struct ColumnPlan {
    /// One thing kept of a column.
    enum Role: Hashable {
        /// A number a row.
        case number(column: String)
        /// Seconds a row.
        case time(column: String)
        /// A code of the column's dictionary a row.
        case codes(column: String)
        /// A hash bucket a row.
        case buckets(column: String, count: Int)
        /// A list of codes a row.
        case list(column: String, delimiter: UInt8)
        /// A list of hash buckets a row.
        case bucketList(column: String, delimiter: UInt8, count: Int)

        var column: String {
            switch self {
            case .number(let column), .time(let column), .codes(let column),
                .buckets(let column, _), .list(let column, _), .bucketList(let column, _, _):
                column
            }
        }

        /// Whether the role uses the column's dictionary.
        var usesDictionary: Bool {
            switch self {
            case .codes, .list: true
            case .number, .time, .buckets, .bucketList: false
            }
        }
    }

    /// What is kept, in a fixed order.
    private(set) var roles: [Role] = []
    /// The dictionary of a column that has one.
    private(set) var dictionaries: [String: Int] = [:]
    /// How many dictionaries there are.
    private(set) var dictionaryCount = 0
    /// The repairs of a column, in order.
    let repairs: [String: [TextRepair]]

    init(_ schema: Schema) {
        var repairs: [String: [TextRepair]] = [:]
        for case .repair(let column, let steps) in schema.cleaning {
            repairs[column, default: []] += steps
        }
        self.repairs = repairs
        for feature in schema.features { add(role(of: feature, in: schema)) }
        for label in schema.labels { add(role(of: label)) }
        if let scenario = schema.scenario { add(.codes(column: scenario.column)) }
        if let weight = schema.sampleWeight { add(.number(column: weight)) }
        for column in schema.keep + [schema.group].compactMap({ $0 }) {
            add(.codes(column: column))
        }
        for rule in schema.cleaning {
            switch rule {
            case .duplicates(let key, _): for column in key { add(.codes(column: column)) }
            case .range(let column, _, _, _), .outliers(let column, _, _):
                add(.number(column: column))
            case .repair: break
            }
        }
        switch schema.split {
        case .given, .fraction: break
        case .time(let column, _, _), .timeFraction(let column, _, _): add(.time(column: column))
        case .key(let column, _, _, _): add(.codes(column: column))
        }
        numberDictionaries(schema)
    }

    private mutating func add(_ role: Role) {
        if !roles.contains(role) { roles.append(role) }
    }

    /// What a feature is encoded from.
    func role(of feature: FeatureSpecification, in schema: Schema) -> Role {
        let column = feature.column
        if feature.kind == .numeric { return .number(column: column) }
        var buckets: Int?
        if case .hashed(let count) = schema.vocabularyOwner(of: feature).vocabulary,
            repairs[column] == nil
        {
            buckets = count
        }
        if feature.kind == .categorical {
            return buckets.map { .buckets(column: column, count: $0) } ?? .codes(column: column)
        }
        let delimiter = feature.delimiter?.utf8.first ?? UInt8(ascii: ",")
        return buckets.map { .bucketList(column: column, delimiter: delimiter, count: $0) }
            ?? .list(column: column, delimiter: delimiter)
    }

    /// What a label is made from.
    func role(of label: LabelSpecification) -> Role {
        switch (label.kind, label.rule) {
        case (.multiclass, _), (_, .oneOf), (_, .noneOf): .codes(column: label.column)
        case (.binary, .compare), (.binary, nil), (.numeric, _): .number(column: label.column)
        }
    }

    /// Columns whose features share a vocabulary use one dictionary.
    private mutating func numberDictionaries(_ schema: Schema) {
        var parents: [String: String] = [:]
        func root(_ column: String) -> String {
            var column = column
            while let parent = parents[column] { column = parent }
            return column
        }
        for feature in schema.features where feature.kind != .numeric {
            let own = root(feature.column)
            let other = root(schema.vocabularyOwner(of: feature).column)
            if own != other { parents[own] = other }
        }
        var numbers: [String: Int] = [:]
        for role in roles where role.usesDictionary {
            let root = root(role.column)
            let number = numbers[root] ?? numbers.count
            numbers[root] = number
            dictionaries[role.column] = number
        }
        dictionaryCount = numbers.count
    }
}
