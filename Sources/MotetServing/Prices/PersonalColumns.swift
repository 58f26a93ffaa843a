import MotetCore
import MotetData
import MotetExperiments

/// The columns of persons, with what stands for each of them whenever a price is asked for.
///
/// They are taken out of a request before anything reads it, and a value that is the same for everybody is put in: what a row
/// without the column has. The user is taken out too, so that no store is asked about them.
struct PersonalColumns: Sendable {
    /// The names.
    let names: Set<String>
    /// What stands for those that the run reads.
    private let standIns: [JSONMember]
    private let keepsUser: Bool

    /// Finds what stands for the columns.
    ///
    /// - Parameters:
    ///   - settings: what names them.
    ///   - model: what reads them.
    init(_ settings: ServingSettings.Price, _ model: ServedModel) {
        let fitted = model.predictor.run.fitted
        // The name of a feature stands for the column it is made of.
        let named = Set(settings.neverUse.map(\.text))
        names = named.union(
            fitted.schema.features.filter { named.contains($0.name) }.map(\.column)
        )
        keepsUser = settings.usesUser
        let accepted = fitted.acceptedRows(1).columns
        standIns = model.encoder.columns.filter { [names] in names.contains($0) }.map { name in
            guard case .same(let value)? = accepted[name] else {
                return JSONMember(key: name, value: .null)
            }
            return JSONMember(key: name, value: Self.json(value))
        }
    }

    /// What `never_use` names and a run does not read, with what may have been meant: a guard that is misspelt guards nothing.
    ///
    /// - Parameters:
    ///   - settings: what names columns.
    ///   - model: what reads them.
    /// - Returns: the names, in their order.
    static func unread(_ settings: ServingSettings.Price, _ model: ServedModel) -> [String] {
        let features = model.predictor.run.fitted.schema.features.map(\.name)
        let known = model.encoder.columns + features.filter { !model.encoder.columns.contains($0) }
        return settings.neverUse.map(\.text).filter { !known.contains($0) }.map {
            "`\($0)`." + Suggestion.sentence(for: $0, in: known)
        }
    }

    /// The parts of a body without what is personal.
    func removed(from rest: [JSONMember]) -> [JSONMember] {
        var parts = rest.compactMap { member -> JSONMember? in
            guard member.key == "user" || member.key == "context",
                case .object(let fields) = member.value
            else { return member }
            let kept = fields.filter {
                !names.contains($0.key)
                    && (keepsUser || member.key == "context" || $0.key != "id")
            }
            return JSONMember(key: member.key, value: .object(kept))
        }
        guard !standIns.isEmpty else { return parts }
        if let place = parts.firstIndex(where: { $0.key == "context" }) {
            guard case .object(let fields) = parts[place].value else { return parts }
            parts[place].value = .object(fields + standIns)
        } else {
            parts.append(JSONMember(key: "context", value: .object(standIns)))
        }
        return parts
    }

    /// The fields of an item without what is personal.
    func removed(fromItem members: [JSONMember]) -> [JSONMember] {
        members.filter { !names.contains($0.key) || $0.key == "id" }
    }

    private static func json(_ value: RawValue) -> JSONValue {
        switch value {
        case .missing: .null
        case .boolean(let isTrue): .boolean(isTrue)
        case .integer(let integer): .integer(integer)
        case .number(let number): .number(number)
        case .text(let text): .text(text)
        case .list(let values): .array(values.map { json($0) })
        }
    }
}

extension PersonalColumns {
    /// The columns that the run reads and is not told.
    var blanked: [String] { standIns.map(\.key) }

    /// Checks the identity of the user, which nothing reads afterwards.
    func check(_ rest: [JSONMember], _ limits: ServingSettings.Limits) throws(RequestError) {
        guard case .object(let user)? = rest.first(where: { $0.key == "user" })?.value,
            let id = user.first(where: { $0.key == "id" })?.value
        else { return }
        let fields = RequestFields(known: [], online: nil, limits: limits)
        _ = try fields.identity(id, "user.id")
    }
}
