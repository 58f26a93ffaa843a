import MotetCandidates
import MotetData
import MotetFeatures

/// The features of a store as columns of a request.
///
/// They are what the files say that `motet data features` writes: NaN and a sequence of nothing are missing
/// values, and the texts of a sequence are a list.
struct StoreFeatures: FeatureSource {
    /// Reads what is asked into a table.
    typealias Reader = @Sendable (FeatureRequest, inout FeatureTable) -> Void

    /// Answers what is asked.
    let read: Reader
    let fields: OnlineFields
    /// Asked for what is no feature of the store.
    let others: any FeatureSource
    /// The time now, in milliseconds since 1970.
    let now: @Sendable () -> Int64
    /// The memory of answers.
    private let memories: MemoryPool<FeatureMemory>

    init(
        read: @escaping Reader,
        features: [FeatureDefinition],
        fields: OnlineFields,
        others: any FeatureSource,
        now: @escaping @Sendable () -> Int64
    ) {
        self.read = read
        self.fields = fields
        self.others = others
        self.now = now
        memories = MemoryPool { FeatureMemory(features) }
    }

    func features(_ columns: [String], for request: FeatureQuery) throws -> SourcedFeatures {
        let memory = memories.take()
        memory.choose(columns)
        var sourced = SourcedFeatures()
        if !memory.others.isEmpty { sourced = try others.features(memory.others, for: request) }
        guard memory.asksStore else { return sourced }
        memory.read(request, fields, at: request.time ?? now(), read)
        sourced.isDegraded = sourced.isDegraded || memory.isDegraded
        if sourced.columns.isEmpty {
            sourced.columns = memory.columns
        } else {
            sourced.columns.merge(memory.columns) { _, own in own }
        }
        sourced.memory = memory
        return sourced
    }
}
