import Foundation
public import MotetData
public import MotetMetrics

/// How the inputs of a model are spread over the rows it learnt from.
///
/// The contents of `feature_reference.json`; a server holds the rows of live traffic against it. Inputs are as the model reads them:
/// numbers after their transforms, categories as ids of the vocabulary or its buckets. Lists are left out.
public struct FeatureReference: Codable, Hashable, Sendable {
    /// The version of the file this version writes, and the highest it reads.
    public static let formatVersion = 1
    /// The most values of a sample.
    public static let sampleSize = 1000
    /// The most categories that are told apart; the rest is one.
    public static let mostGroups = 20
    /// The most rows that are looked at, spread evenly over all.
    static let mostRows = 100_000

    /// The version of the file.
    public var format: Int
    /// The part the rows belong to.
    public var part: String
    /// The number of rows that were looked at.
    public var rows: Int
    /// The inputs.
    public var features: [Feature]

    /// An input: a number or a category.
    public struct Feature: Codable, Hashable, Sendable {
        /// The feature; of a number that may be missing also `<name>_missing`.
        public var name: String
        /// The prepared column that has it.
        public var column: String
        /// Its place among the floats of a row of the column; nil for ids.
        public var place: Int?
        /// Quantiles of its values in ascending order; nil for ids.
        public var sample: [Float]?
        /// The most frequent ids; nil for numbers.
        public var groups: [Group]?
    }

    /// A category with its share of the rows.
    public struct Group: Codable, Hashable, Sendable {
        /// The id.
        public var id: Int32
        /// The share.
        public var share: Double
    }

    /// Looks at rows.
    ///
    /// - Parameters:
    ///   - dataset: prepared rows.
    ///   - fitted: names their columns.
    ///   - part: the part they belong to.
    /// - Throws: `TableError` where they cannot be read.
    init(_ dataset: PreparedDataset, _ fitted: FittedSchema, part: String) throws {
        format = Self.formatVersion
        self.part = part
        let step = max(1, dataset.rowCount / Self.mostRows)
        let chosen = stride(from: 0, to: dataset.rowCount, by: step)
        rows = chosen.reduce(0) { count, _ in count + 1 }
        features = []
        let names = fitted.numericNames
        let ids = Set(fitted.schema.features.filter { !$0.isFloat }.map(\.name) + ["scenario"])
        for column in dataset.columns {
            if column.name == "numeric", case .float32(let width) = column.kind,
                width == names.count
            {
                for (place, name) in names.enumerated() {
                    let values = try dataset.withFloats(column.name) { all in
                        chosen.map { all[$0 * width + place] }
                    }
                    features.append(
                        Feature(
                            name: name,
                            column: column.name,
                            place: place,
                            sample: Self.quantiles(values)
                        )
                    )
                }
            } else if column.kind == .int32, ids.contains(column.name) {
                let values = try dataset.withIntegers(column.name) { all in chosen.map { all[$0] } }
                features.append(
                    Feature(name: column.name, column: column.name, groups: Self.groups(values))
                )
            }
        }
    }

    /// Values at evenly spaced ranks, ``sampleSize`` at most, in ascending order; values that are no numbers are left out.
    static func quantiles(_ values: [Float]) -> [Float] {
        let sorted = values.filter(\.isFinite).sorted()
        guard sorted.count > sampleSize else { return sorted }
        return (0..<sampleSize).map { rank in
            sorted[Int((Double(rank) + 0.5) / Double(sampleSize) * Double(sorted.count))]
        }
    }

    private static func groups(_ values: [Int32]) -> [Group] {
        var counts: [Int32: Int] = [:]
        for value in values { counts[value, default: 0] += 1 }
        return counts.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
            .prefix(mostGroups)
            .map { Group(id: $0.key, share: Double($0.value) / Double(values.count)) }
    }

    /// The inputs of a row, in the order of ``features``; NaN where the row does not have one.
    ///
    /// - Parameters:
    ///   - dataset: rows prepared as those of the reference.
    ///   - row: the row.
    /// - Returns: a number for each input.
    public func values(of dataset: PreparedDataset, row: Int) -> [Float] {
        let columns = Dictionary(
            dataset.columns.map { ($0.name, $0.kind) },
            uniquingKeysWith: { first, _ in first }
        )
        return features.map { feature in
            switch (columns[feature.column], feature.place) {
            case (.float32(let width)?, let place?) where place < width:
                (try? dataset.withFloats(feature.column) { $0[row * width + place] }) ?? .nan
            case (.int32?, nil):
                (try? dataset.withIntegers(feature.column) { Float($0[row]) }) ?? .nan
            default: .nan
            }
        }
    }
}

extension FeatureReference.Feature {
    /// How far values are from the reference.
    ///
    /// Numbers are grouped by the tenths of the reference for the stability index. Categories are their own groups, those below a
    /// hundredth taken together; all that the reference does not name are one more, with a share of at least ``leastRest``, so that
    /// ids that training did not have are none of the others. The two-sample test is of numbers alone.
    ///
    /// - Parameter values: numbers, or ids, in ascending order.
    /// - Returns: the stability index, and distance and probability by Kolmogorov and Smirnov; nil where there is nothing to compare.
    public func drift(of values: [Float]) -> (stability: Double?, test: TwoSampleTest.Result?) {
        guard !values.isEmpty else { return (nil, nil) }
        if let sample {
            return (
                Self.stability(of: values, against: sample),
                TwoSampleTest.compare(sorted: sample, values)
            )
        }
        let groups = groups ?? []
        let places = Dictionary(
            uniqueKeysWithValues: groups.enumerated().map { ($1.id, $0) }
        )
        var counts = [Int](repeating: 0, count: groups.count + 1)
        for value in values { counts[places[Int32(value)] ?? groups.count] += 1 }
        let known = StabilityIndex.groups(
            counts.dropLast(),
            against: groups.map(\.share),
            least: 0.01
        )
        let rest = 1 - groups.reduce(0) { $0 + $1.share }
        // Where neither training nor the values have others, they are no group that the values could lack.
        let hasRest = rest >= Self.leastRest || counts[groups.count] > 0
        return (
            StabilityIndex.value(
                known.map(\.count) + (hasRest ? counts.suffix(1) : []),
                against: known.map(\.share) + (hasRest ? [max(rest, Self.leastRest)] : [])
            ), nil
        )
    }

    /// The least share of ids that the reference does not name, in whose place none is known.
    static let leastRest = 0.001

    /// The stability index of sorted values by the tenths of a sorted sample.
    public static func stability(of values: [Float], against sample: [Float]) -> Double? {
        guard !sample.isEmpty else { return nil }
        let edges = Set((1..<10).map { sample[min($0 * sample.count / 10, sample.count - 1)] })
            .sorted()
        func counts(_ values: [Float]) -> [Int] {
            var counts = [Int](repeating: 0, count: edges.count + 1)
            var group = 0
            for value in values {
                while group < edges.count, value >= edges[group] { group += 1 }
                counts[group] += 1
            }
            return counts
        }
        let shares = counts(sample).map { Double($0) / Double(sample.count) }
        return StabilityIndex.value(counts(values), against: shares, least: 0.02)
    }
}

extension RunDirectory {
    /// How the inputs of the model are spread over the rows it learnt from.
    public var featureReferenceFile: String { path + "/feature_reference.json" }

    /// How the inputs of the model are spread over the rows it learnt from.
    ///
    /// - Returns: the contents of the file; nil where there is none, as in runs of before, and where a later version wrote it.
    /// - Throws: `ExperimentError` with the code `run_invalid` when the file is damaged.
    public func featureReference() throws -> FeatureReference? {
        struct Format: Decodable { var format: Int }
        guard let data = FileManager.default.contents(atPath: featureReferenceFile) else {
            return nil
        }
        let format = try? JSONDecoder().decode(Format.self, from: data).format
        if let format, format > FeatureReference.formatVersion { return nil }
        guard let reference = try? JSONDecoder().decode(FeatureReference.self, from: data),
            reference.features.allSatisfy(\.isValid)
        else { throw damaged("feature_reference.json") }
        return reference
    }
}

extension FeatureReference.Feature {
    fileprivate var isValid: Bool {
        (place == nil) == (sample == nil) && (sample == nil) != (groups == nil)
            && (sample ?? []).allSatisfy(\.isFinite)
            && (groups ?? []).allSatisfy { (0...1).contains($0.share) }
            && Set((groups ?? []).map(\.id)).count == (groups ?? []).count
    }
}
