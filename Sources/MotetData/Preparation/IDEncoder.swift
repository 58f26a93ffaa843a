import CKernels

/// Turns the codes of a categorical feature into its ids.
struct IDEncoder {
    private let codes: UnsafeMutableBufferPointer<Int32>
    /// The id of each code; nil where a code is a bucket.
    private let table: [Int32]?
    private let missing: Int32

    /// Creates an encoder; nil where the table has no such column.
    init?(
        _ feature: FeatureSpecification,
        _ fitted: FittedSchema,
        _ data: RawData,
        _ source: RawTable
    ) throws {
        let role = data.plan.role(of: feature, in: data.schema)
        guard let codes = source.codes(role) else { return nil }
        self.codes = codes
        table = role.usesDictionary ? try Self.table(feature, fitted, data) : nil
        missing = fitted.idOfMissing(feature)
    }

    /// The id of every code of a feature's dictionary.
    static func table(
        _ feature: FeatureSpecification,
        _ fitted: FittedSchema,
        _ data: RawData
    ) throws -> [Int32] {
        if let known = data.knownIDs?[feature.name] { return known }
        let dictionary = data.dictionary(of: feature.column)
        if case .hashed(let buckets) = fitted.schema.vocabularyOwner(of: feature).vocabulary {
            return (0..<dictionary.count).map {
                Int32(ValueHash.bucket(of: dictionary.hash(Int32($0)), buckets: buckets))
            }
        }
        guard let vocabulary = fitted.vocabulary(of: feature.name) else { return [] }
        let owner = fitted.schema.vocabularyOwner(of: feature).name
        let known = try data.learnedCodes[owner] ?? dictionary.codes(of: vocabulary)
        var table = [Int32](repeating: Vocabulary.unknownID, count: dictionary.count)
        for (index, code) in known.enumerated() where code >= 0 {
            table[Int(code)] = Int32(index + 1)
        }
        return table
    }

    /// Writes the ids of rows of a selection.
    func encode(
        _ rows: RowSelection,
        _ range: Range<Int>,
        into out: UnsafeMutablePointer<Int32>,
        _ tally: inout motet_code_tally
    ) {
        let base = codes.baseAddress.map { rows.rows == nil ? $0 + range.lowerBound : $0 }
        motet_map_codes(
            base,
            rows.pointer(from: range.lowerBound),
            Int64(range.count),
            table,
            missing,
            out,
            &tally
        )
    }

    func forEachID(_ rows: RowSelection, _ body: (Int32) -> Void) {
        for index in 0..<rows.count {
            let code = codes[rows[index]]
            guard code >= 0 else { continue }
            body(table.map { $0[Int(code)] } ?? code + 1)
        }
    }
}
