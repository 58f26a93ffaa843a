import CKernels

/// Learns from the training rows of raw data, and from no other row.
struct SchemaFitter {
    let data: RawData
    let table: RawTable
    let rows: RowSelection

    private var schema: Schema { data.schema }

    init(_ data: RawData) throws {
        guard let (table, rows) = try data.selection(.training) else {
            throw PreparationError.noTrainingRows
        }
        self.data = data
        self.table = table
        self.rows = rows
    }

    func fitted(outliers: [FittedSchema.OutlierBounds]) throws -> FittedSchema {
        var fitted = FittedSchema(schema: schema)
        fitted.outliers = outliers
        let numerics = schema.features.filter { $0.kind == .numeric }
        let owners = schema.features.filter { feature in
            feature.kind != .numeric && schema.vocabularyOwner(of: feature).name == feature.name
        }
        var numbers = [FittedNumeric?](repeating: nil, count: numerics.count)
        var vocabularies = [Learned?](repeating: nil, count: owners.count)
        try numbers.withUnsafeMutableBufferPointer { numbers in
            try vocabularies.withUnsafeMutableBufferPointer { vocabularies in
                let (numbers, vocabularies) = (numbers, vocabularies)
                try inParallel(numerics.count + owners.count) { index in
                    if index < owners.count {
                        vocabularies[index] = try vocabulary(owners[index])
                    } else {
                        let feature = numerics[index - owners.count]
                        numbers[index - owners.count] = try numeric(feature)
                    }
                }
            }
        }
        for (feature, numeric) in zip(numerics, numbers) { fitted.numerics[feature.name] = numeric }
        for (feature, learned) in zip(owners, vocabularies) {
            fitted.vocabularies[feature.name] = learned?.vocabulary
            data.learnedCodes[feature.name] = learned?.codes
        }
        for feature in schema.features {
            fitted.fills[feature.name] = try fill(feature, fitted)
        }
        if let scenario = schema.scenario {
            fitted.scenarios = scenario.values ?? sortedValues(scenario.column)
            if scenario.unknown == .other {
                fitted.scenarios.append(ScenarioSpecification.otherName)
            }
        }
        for label in schema.labels {
            guard case .multiclass(let classes) = label.kind else { continue }
            fitted.classes[label.name] = classes ?? sortedValues(label.column)
        }
        return fitted
    }

    /// A vocabulary, and the codes of its values where it comes from the dictionary.
    private struct Learned {
        var vocabulary: Vocabulary
        var codes: [Int32]?
    }

    private func numeric(_ feature: FeatureSpecification) throws -> FittedNumeric {
        var fills = false
        if case .fill = feature.missing { fills = true }
        let gathered = try data.gatherNumbers(feature.column, (table, rows), spare: fills)
        return try NumericFitter(
            feature: feature,
            values: gathered.array.elements,
            present: gathered.present,
            missing: gathered.missing
        ).fitted()
    }

    /// The vocabulary a feature owns, from its values and those of the features that share it.
    private func vocabulary(_ owner: FeatureSpecification) throws -> Learned? {
        switch owner.vocabulary {
        case .values(let values): return Learned(vocabulary: Vocabulary(values), codes: nil)
        case .hashed, .shared: return nil
        case .learned(let limit, let minimumFrequency):
            let family = schema.features.filter {
                $0.kind != .numeric && schema.vocabularyOwner(of: $0).name == owner.name
            }
            let dictionary = data.dictionary(of: owner.column)
            let counts = counts(family, dictionary)
            var codes = [Int32](repeating: 0, count: dictionary.count)
            let kept = counts.withUnsafeBufferPointer { counts in
                motet_rank_codes(
                    counts.baseAddress.map { $0 + 1 },
                    Int64(dictionary.count),
                    Int64(minimumFrequency),
                    &codes
                )
            }
            guard kept >= 0 else { throw PreparationError.tooManyValues }
            codes.removeLast(codes.count - min(Int(kept), limit ?? Int(kept)))
            return Learned(vocabulary: dictionary.vocabulary(codes), codes: codes)
        }
    }

    /// How often each code of a dictionary stands in columns of features, missing ones first.
    private func counts(_ family: [FeatureSpecification], _ dictionary: Interner) -> [Int64] {
        var counts = [Int64](repeating: 0, count: dictionary.count + 1)
        let count = Int64(rows.count)
        for feature in family {
            let role = data.plan.role(of: feature, in: schema)
            if let codes = table.codes(role) {
                motet_count_codes(codes.baseAddress, rows.rows, count, &counts)
            } else if let lists = table.lists(role) {
                motet_count_lists(
                    lists.values.elements.baseAddress,
                    lists.starts.elements.baseAddress,
                    lists.lengths.elements.baseAddress,
                    rows.rows,
                    count,
                    Int64(feature.maximumLength ?? .max),
                    &counts
                )
            }
        }
        return counts
    }

    private func fill(_ feature: FeatureSpecification, _ fitted: FittedSchema) throws -> Int32? {
        guard feature.kind == .categorical, case .fill(let fill) = feature.missing else {
            return nil
        }
        let value: String
        switch fill {
        case .text(let text): value = text
        case .number(let number): value = shortNumber(number)
        case .mean, .median: return nil  // refused by the schema's validation
        case .mostFrequent: return try mostFrequentID(feature, fitted)
        }
        if case .hashed(let buckets) = schema.vocabularyOwner(of: feature).vocabulary {
            return Int32(ValueHash.bucket(of: value, buckets: buckets))
        }
        return fitted.vocabulary(of: feature.name)?.ids()[value] ?? Vocabulary.unknownID
    }

    private func mostFrequentID(
        _ feature: FeatureSpecification,
        _ fitted: FittedSchema
    ) throws -> Int32 {
        let size = (fitted.vocabularySize(for: feature.name) ?? 1) + 1
        var counts = [Int](repeating: 0, count: size)
        try IDEncoder(feature, fitted, data, table)?.forEachID(rows) { counts[Int($0)] += 1 }
        var best = 0
        for id in 1..<size where counts[id] > counts[best] || best == 0 { best = id }
        return counts[best] > 0 ? Int32(best) : Vocabulary.unknownID
    }

    /// The distinct values of the training rows: numbers in order, then text in order.
    private func sortedValues(_ column: String) -> [String] {
        guard let codes = table.codes(.codes(column: column)) else { return [] }
        let dictionary = data.dictionary(of: column)
        var counts = [Int64](repeating: 0, count: dictionary.count + 1)
        motet_count_codes(codes.baseAddress, rows.rows, Int64(rows.count), &counts)
        let values = (0..<dictionary.count).filter { counts[$0 + 1] > 0 }
            .map { dictionary.text(Int32($0)) }
        return values.sorted { left, right in
            switch (Double(left), Double(right)) {
            case (let first?, let second?): first < second || (first == second && left < right)
            case (_?, nil): true
            case (nil, _?): false
            case (nil, nil): left.utf8.lexicographicallyPrecedes(right.utf8)
            }
        }
    }
}
