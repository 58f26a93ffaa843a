/// The fields of a request that tell a store which features are asked for, beside the user and the items.
struct OnlineFields: Hashable, Sendable {
    /// The field of the item's category.
    let category: String
    /// The field of the place of the shop.
    let scenario: String

    /// The fields that are no columns of a run.
    func asides(beside columns: [String]) -> [String] {
        let names = category == scenario ? [category] : [category, scenario]
        return names.filter { !columns.contains($0) }
    }
}
