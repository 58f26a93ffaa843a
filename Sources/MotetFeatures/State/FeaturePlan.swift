/// Definitions as what is to be kept and read: made once, used for every event and request.
struct FeaturePlan: Hashable, Sendable {
    /// A feature's entity, by its place in ``entities``, and where its value is read from.
    struct Column: Hashable, Sendable {
        let name: String
        let entity: Int
        let reading: FeatureReading
        let isText: Bool
    }

    let definitions: FeatureDefinitions
    let entities: [EntityPlan]
    /// The features in their order.
    let columns: [Column]
    /// For each entity the features that are read from it, by their places in ``columns``.
    let columnsByEntity: [[Int]]
    /// For each dimension, and last for none, the entities whose first dimension it is.
    let entitiesByFirst: [[Int]]
    /// What profiles are read from; nil where there are none.
    let profile: ProfilePlan?

    /// Makes a plan; without profiles where only columns are wanted.
    init(_ definitions: FeatureDefinitions, keepsProfiles: Bool = true) {
        self.definitions = definitions
        var entities: [EntityPlan] = []
        let columns = definitions.features.map { feature in
            let index: Int
            if let known = entities.firstIndex(where: { $0.entity == feature.entity }) {
                index = known
            } else {
                index = entities.count
                entities.append(EntityPlan(feature.entity))
            }
            return Column(
                name: feature.name,
                entity: index,
                reading: FeatureReading(feature.form, &entities[index]),
                isText: feature.isText
            )
        }
        profile =
            if keepsProfiles, let rules = definitions.profile {
                ProfilePlan(rules, &entities)
            } else {
                nil
            }
        self.columns = columns
        self.entities = entities
        columnsByEntity = entities.indices.map { entity in
            columns.indices.filter { columns[$0].entity == entity }
        }
        let firsts = FeatureDimension.allCases.map { Optional($0) } + [nil]
        entitiesByFirst = firsts.map { first in
            entities.indices.filter { entities[$0].entity.dimensions.first == first }
        }
    }

    var lateness: Int64 { definitions.lateness }
}
