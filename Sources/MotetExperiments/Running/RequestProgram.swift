import MotetCore
import MotetData
import MotetNN
import Synchronization

/// Which columns a request brings, and how.
struct RequestShape {
    /// How a column that rows may have comes.
    enum Given {
        /// One value for all rows.
        case once
        /// A value for each row.
        case each
        /// Not with the request.
        case absent

        init(_ column: RawRows.Column?) {
            switch column {
            case .same?: self = .once
            case .each?: self = .each
            case nil: self = .absent
            }
        }
    }

    /// The columns of the encoder, in its order.
    let columns: [Given]
    /// Whether every row is computed whole.
    let isWhole: Bool
    let encoder: RowEncoder

    init(
        _ column: (String) -> RawRows.Column?,
        isWhole: Bool,
        _ encoder: RowEncoder
    ) {
        columns = encoder.columns.map { Given(column($0)) }
        self.isWhole = isWhole
        self.encoder = encoder
    }

    /// How a column comes.
    func given(_ column: String) -> Given {
        encoder.columns.firstIndex(of: column).map { columns[$0] } ?? .absent
    }
}

/// Where each prepared column of a request comes from.
struct RequestPlan {
    /// Those that hold for all rows.
    var once: Set<String> = []
    /// Those that the encoded table of items has.
    var items: Set<String> = []

    init(_ predictor: RunPredictor, _ shape: RequestShape, _ table: EncodedItems?) {
        let encoded = Set(table?.encoded.columns.map(\.name) ?? [])
        for column in predictor.columns {
            let sources = predictor.sources[column] ?? []
            if encoded.contains(column), sources.allSatisfy({ shape.given($0) == .absent }) {
                items.insert(column)
                continue
            }
            let isOnce = sources.allSatisfy { source in
                switch shape.given(source) {
                case .once: true
                case .each: false
                case .absent: table?.raw[source] == nil
                }
            }
            if isOnce { once.insert(column) }
        }
    }
}

/// How requests that bring the same columns are computed, and the memory of those that were.
final class RequestProgram: Sendable {
    let shape: RequestShape
    let predictor: Predictor
    /// The prepared columns that are encoded once a request.
    let once: Set<String>
    /// Those that are encoded row by row.
    let each: Set<String>
    /// Those that are copied from the table of items.
    let items: [String]
    /// The number of scenarios whose rows stand together; 0 where rows keep their order.
    let scenarioCount: Int
    /// The table; kept, so that no other gets its identity.
    let table: EncodedItems?
    private let free = Mutex<[RequestWorkspace]>([])

    init(
        _ shape: RequestShape,
        _ predictor: Predictor,
        once: Set<String>,
        each: Set<String>,
        items: [String],
        scenarioCount: Int,
        table: EncodedItems?
    ) {
        self.shape = shape
        self.predictor = predictor
        self.once = once
        self.each = each
        self.items = items
        self.scenarioCount = scenarioCount
        self.table = table
    }

    /// Whether a request is computed so.
    func fits(
        _ column: (String) -> RawRows.Column?,
        _ table: EncodedItems?,
        isWhole: Bool,
        _ encoder: RowEncoder
    ) -> Bool {
        guard encoder === shape.encoder, isWhole == shape.isWhole,
            table?.tables === self.table?.tables
        else { return false }
        for (index, name) in encoder.columns.enumerated()
        where RequestShape.Given(column(name)) != shape.columns[index] { return false }
        return true
    }

    /// Memory for a request.
    func take(rows: Int) throws -> RequestWorkspace {
        if let kept = free.withLock({ $0.popLast() }), kept.capacity >= rows { return kept }
        var capacity = 16
        while capacity < rows { capacity *= 2 }
        return try RequestWorkspace(self, capacity: capacity)
    }

    /// Keeps memory for the next request.
    func give(_ workspace: RequestWorkspace) {
        free.withLock { if $0.count < Self.mostKept { $0.append(workspace) } }
    }

    /// More requests at once than these have memory of their own.
    private static let mostKept = 64
}
