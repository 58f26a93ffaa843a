import CArrow
import MotetCore

/// A source after a first look: its files, and what the first of them says of the columns.
///
/// Types of CSV files are inferred from 4 MiB of text, which takes time, so one look serves the
/// check of a schema and the reading.
struct PeekedTable {
    let source: TableSource
    let files: TableFiles
    let known: [PeekedColumn]
    /// The first file as it was before the look.
    let firstFile: FileFingerprint.Status?

    init(_ source: TableSource) throws {
        self.source = source
        files = try source.resolved()
        firstFile = FileFingerprint.Status(path: files.paths[0])
        known = try source.peek(files)
    }

    /// The names and types of the columns.
    func columns() throws -> [ColumnDescription] {
        try known.map { column in
            guard let type = column.type else { throw column.unsupported(in: files.paths[0]) }
            return ColumnDescription(name: column.name, type: type)
        }
    }

    /// Gives every requested column a type; all columns when there is no request.
    func resolve(_ requests: [ColumnRequest]?) throws -> ResolvedColumns {
        var result = ResolvedColumns()
        for request in requests ?? known.map({ ColumnRequest($0.name) }) {
            guard let column = known.first(where: { $0.name == request.name }) else {
                throw unknownColumn(request.name)
            }
            guard let type = column.type else { throw column.unsupported(in: files.paths[0]) }
            guard !result.columns.contains(where: { $0.name == request.name }) else {
                throw TableError(
                    .columnNames,
                    "\(files.paths[0]), column \"\(request.name)\": column is asked for twice; "
                        + "expected each name once."
                )
            }
            if case .list = request.type, files.format == .csv {
                throw TableError(
                    .columnTypeUnsupported,
                    "\(files.paths[0]), column \"\(request.name)\": lists cannot be read from CSV; "
                        + "expected a plain type. Read it as string and split it."
                )
            }
            result.columns.append(
                ColumnDescription(name: request.name, type: request.type ?? type)
            )
            result.acceptsIntegers.append(request.acceptsIntegers)
            result.isInferred.append(request.type == nil && files.format == .csv)
        }
        return result
    }

    private func unknownColumn(_ name: String) -> TableError {
        let known = known.map(\.name)
        let shown = known.prefix(12).joined(separator: ", ") + (known.count > 12 ? ", ..." : "")
        return TableError(
            .columnUnknown,
            "\(files.paths[0]), column \"\(name)\": no such column; expected one of \(shown)."
                + Suggestion.sentence(for: name, in: known)
        )
    }
}

extension TableSource {
    /// The columns of the first file.
    func peek(_ files: TableFiles) throws -> [PeekedColumn] {
        try withRequest(files) { request in
            var info = MotetTableInfo()
            var message: UnsafeMutablePointer<CChar>?
            let status = motet_table_peek(request, files.paths[0], &info, &message)
            defer { motet_table_info_free(&info) }
            guard status == MOTET_TABLE_OK else {
                throw TableError(status: status, message: message)
            }
            return try (0..<Int(info.column_count)).map { index in
                let column = info.columns[index]
                guard let name = String(validatingCString: column.name) else {
                    throw TableError(
                        .columnNames,
                        "\(files.paths[0]), column \(index + 1): the name is not valid UTF-8; "
                            + "expected names in UTF-8; received another encoding. Convert the file "
                            + "to UTF-8."
                    )
                }
                return PeekedColumn(
                    name: name,
                    type: ColumnType(arrowCode: column.type),
                    typeName: String(cString: column.type_name)
                )
            }
        }
    }
}
