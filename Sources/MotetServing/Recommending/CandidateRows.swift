import MotetCandidates
import MotetData

/// The rows of candidates: what the request says of each, then what it says of all, then what the catalogue says.
struct CandidateRows {
    let request: ScoreRequest
    let catalogue: ModelCatalogue
    let candidates: [Candidate]
    /// The row of the request's items that each candidate is, or nil.
    let given: [Int?]

    init(_ request: ScoreRequest, _ catalogue: ModelCatalogue, _ candidates: [Candidate]) {
        self.request = request
        self.catalogue = catalogue
        self.candidates = candidates
        given = candidates.map { candidate in
            candidate.origins.first { $0.source == SourceQuestion.given }?.rank
        }
    }

    /// A column of some candidates.
    ///
    /// - Parameters:
    ///   - name: the column.
    ///   - chosen: the candidates, in order.
    /// - Returns: a value for each, or one for all; nil where nothing tells it of any.
    func column(_ name: String, of chosen: [Int]) -> RawRows.Column? {
        var own: [RawValue]?
        if case .each(let values)? = request.columns[name] { own = values }
        let shared = request.shared[name]
        if own == nil, let shared { return .same(shared) }
        let known = catalogue.columns[name] ?? catalogue.resources.catalogue.columns[name]
        // An item that the catalogue does not have is still known by its name.
        let isName = name == catalogue.resources.settings.catalogue.item
        guard own != nil || known != nil else { return nil }
        return .each(
            chosen.map { candidate in
                if let own, let row = given[candidate], own[row] != .missing { return own[row] }
                if let shared { return shared }
                if let known, let place = candidates[candidate].place { return known[place] }
                return isName ? .text(candidates[candidate].item) : .missing
            }
        )
    }

    /// The values of a column of some candidates; missing where nothing tells them.
    func values(_ name: String, of chosen: [Int]) -> [RawValue] {
        switch column(name, of: chosen) {
        case .each(let values)?: values
        case .same(let value)?: [RawValue](repeating: value, count: chosen.count)
        case nil: [RawValue](repeating: .missing, count: chosen.count)
        }
    }

    /// The categories of all candidates; nil for one without.
    func categories() -> [String?] {
        guard let name = catalogue.resources.settings.catalogue.category else {
            return [String?](repeating: nil, count: candidates.count)
        }
        let known = catalogue.resources.catalogue.categories
        guard request.columns[name] != nil else {
            return candidates.map { $0.place.flatMap { known[$0] } }
        }
        return values(name, of: Array(candidates.indices)).map(\.name)
    }

    /// How many pieces of each candidate are left; nil where that is not known.
    func stock() -> [Int?] {
        guard let name = catalogue.resources.settings.catalogue.stock else {
            return [Int?](repeating: nil, count: candidates.count)
        }
        let known = catalogue.resources.catalogue.stock
        guard request.columns[name] != nil else {
            return candidates.map { $0.place.flatMap { known[$0] } }
        }
        return values(name, of: Array(candidates.indices)).map {
            $0.double.map(Catalogue.pieces)
        }
    }

    /// How the request calls a value of a candidate, for errors.
    func field(_ candidate: Int?, _ column: String?) -> String? {
        guard let candidate, let row = given[candidate] else {
            return column.flatMap { request.field(row: nil, column: $0) }
        }
        return request.field(row: row, column: column)
    }

    /// How a candidate is called in error sentences.
    func place(_ candidate: Int) -> String {
        given[candidate].map { "items[\($0)]" } ?? "item \"\(candidates[candidate].item)\""
    }
}
