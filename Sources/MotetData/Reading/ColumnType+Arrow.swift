import CArrow

extension ColumnType {
    private static let codes: [(ColumnType, MotetColumnType)] = [
        (.boolean, MOTET_TYPE_BOOLEAN), (.int8, MOTET_TYPE_INT8), (.int16, MOTET_TYPE_INT16),
        (.int32, MOTET_TYPE_INT32), (.int64, MOTET_TYPE_INT64), (.uint8, MOTET_TYPE_UINT8),
        (.uint16, MOTET_TYPE_UINT16), (.uint32, MOTET_TYPE_UINT32), (.uint64, MOTET_TYPE_UINT64),
        (.float32, MOTET_TYPE_FLOAT32), (.float64, MOTET_TYPE_FLOAT64),
        (.string, MOTET_TYPE_STRING), (.dictionary, MOTET_TYPE_DICTIONARY),
        (.timestamp, MOTET_TYPE_TIMESTAMP),
    ]

    /// The number that stands for the type in the C interface.
    var arrowCode: Int32 {
        if case .list(let element) = self { return listCode + element.arrowCode }
        let code = ColumnType.codes.first { $0.0 == self }?.1 ?? MOTET_TYPE_UNSUPPORTED
        return Int32(code.rawValue)
    }

    /// The type a number of the C interface stands for.
    init?(arrowCode: Int32) {
        if arrowCode > listCode {
            guard let element = ColumnType(arrowCode: arrowCode - listCode) else { return nil }
            self = .list(element)
            return
        }
        guard let type = ColumnType.codes.first(where: { Int32($0.1.rawValue) == arrowCode })?.0
        else { return nil }
        self = type
    }
}

private let listCode = Int32(MOTET_TYPE_LIST.rawValue)
