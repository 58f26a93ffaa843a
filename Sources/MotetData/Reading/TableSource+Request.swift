import CArrow
import MotetCore

/// A column of a file as the C interface describes it.
struct PeekedColumn {
    let name: String
    /// The type it is read in, or nil when it cannot be read.
    let type: ColumnType?
    let typeName: String

    func unsupported(in path: String) -> TableError {
        TableError(
            .columnTypeUnsupported,
            "\(path), column \"\(name)\": type cannot be read; expected numbers, text, times, "
                + "booleans or lists of these; received \(typeName). Leave the column out."
        )
    }
}

/// The strings of a request to the C interface, freed together with it.
final class CStrings {
    private var arrays: [UnsafeMutableBufferPointer<UnsafePointer<CChar>?>] = []

    func array(_ strings: [String]) -> UnsafePointer<UnsafePointer<CChar>?>? {
        let array = UnsafeMutableBufferPointer<UnsafePointer<CChar>?>.allocate(
            capacity: strings.count + 1
        )
        array.initialize(repeating: nil)
        for (index, string) in strings.enumerated() {
            var copy = string
            array[index] = copy.withUTF8 { bytes in
                let text = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count + 1)
                for position in bytes.indices {
                    text[position] = CChar(bitPattern: bytes[position])
                }
                text[bytes.count] = 0
                return UnsafePointer(text)
            }
        }
        arrays.append(array)
        return UnsafePointer(array.baseAddress)
    }

    deinit {
        for array in arrays {
            for string in array { string?.deallocate() }
            array.deallocate()
        }
    }
}

extension TableFormat {
    /// The value that stands for the format in the C interface.
    var arrowFormat: MotetTableFormat {
        switch self {
        case .csv: MOTET_TABLE_CSV
        case .parquet: MOTET_TABLE_PARQUET
        case .arrow: MOTET_TABLE_ARROW
        }
    }
}

/// What to read, resolved to types.
struct ResolvedColumns {
    var columns: [ColumnDescription] = []
    var isInferred: [Bool] = []
    var acceptsIntegers: [Bool] = []
}

extension TableSource {
    /// Calls `body` with the request in the form of the C interface.
    func withRequest<Result>(
        _ files: TableFiles,
        _ columns: ResolvedColumns = ResolvedColumns(),
        options: TableReadingOptions = TableReadingOptions(),
        _ body: (UnsafePointer<MotetTableRequest>) throws -> Result
    ) rethrows -> Result {
        let strings = CStrings()
        defer { withExtendedLifetime(strings) {} }
        func ascii(_ character: Character?) -> CChar {
            CChar(bitPattern: character?.asciiValue ?? 0)
        }
        var request = MotetTableRequest()
        request.paths = strings.array(files.paths)
        request.path_count = Int64(files.paths.count)
        request.format = files.format.arrowFormat
        request.csv.delimiter = ascii(files.delimiter)
        request.csv.quote = ascii(csv.quote)
        request.csv.decimal_point = ascii(csv.decimalPoint)
        request.csv.has_header = csv.hasHeader ? 1 : 0
        request.csv.trims_spaces = csv.trimsSpaces ? 1 : 0
        request.csv.skipped_lines = Int64(csv.skippedLines)
        let names = csv.columnNames ?? []
        request.csv.names = strings.array(names)
        request.csv.name_count = Int64(names.count)
        request.csv.nulls = strings.array(csv.nullSpellings)
        request.csv.null_count = Int64(csv.nullSpellings.count)
        request.csv.timestamp_formats = strings.array(csv.timestampFormats)
        request.csv.timestamp_format_count = Int64(csv.timestampFormats.count)
        request.columns = strings.array(columns.columns.map(\.name))
        request.column_count = Int64(columns.columns.count)
        request.batch_rows = Int64(options.batchRows)
        request.block_bytes = Int64(options.blockBytes)
        request.uses_threads = options.usesThreads ? 1 : 0
        let types = columns.columns.map { $0.type.arrowCode }
        let inferred = columns.isInferred.map { $0 ? UInt8(1) : 0 }
        let acceptsIntegers = columns.acceptsIntegers.map { $0 ? UInt8(1) : 0 }
        return try types.withUnsafeBufferPointer { types in
            try inferred.withUnsafeBufferPointer { inferred in
                try acceptsIntegers.withUnsafeBufferPointer { acceptsIntegers in
                    request.types = types.baseAddress
                    request.inferred = inferred.baseAddress
                    request.accepts_integers = acceptsIntegers.baseAddress
                    return try withUnsafePointer(to: request) { try body($0) }
                }
            }
        }
    }

    func lineOfRow(_ row: Int, file: String) throws -> Int {
        var files = try resolved()
        files.paths = [file]
        return try withRequest(files) { request in
            var line: Int64 = 0
            var message: UnsafeMutablePointer<CChar>?
            let status = motet_csv_line(request, file, Int64(row), &line, &message)
            guard status == MOTET_TABLE_OK else {
                throw TableError(status: status, message: message)
            }
            return Int(line)
        }
    }
}
