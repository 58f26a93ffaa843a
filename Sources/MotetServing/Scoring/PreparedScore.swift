/// A request of scores that was read and given its features, before it is encoded.
struct PreparedScore: Sendable {
    let request: ScoreRequest
    let model: ServedModel
    let sourced: SourcedFeatures
    let items: KnownItems
    var record: ScoreRecord
}
