import MotetCore

/// The recipes that come with Motet.
public enum DatasetRecipes {
    /// All recipes, in the order they are listed.
    public static let all: [any DatasetRecipe] = [
        CompleteJourneyRecipe(), CensusIncomeRecipe(), XMarketRecipe(), OnlineRetailRecipe(),
        OnlineShoppersRecipe(), AdultRecipe(), ProductReviewsRecipe(), WNUT17Recipe(),
        FashionMNISTRecipe(), ClothingRecipe(), GroceryRecipe(), MiniLMEncoderRecipe(),
    ]

    /// The recipe of a name.
    ///
    /// - Parameter name: the name of a data set; `-` may stand for `_`.
    /// - Returns: the recipe.
    /// - Throws: ``DatasetError`` with the code `dataset_unknown`, and the nearest name.
    public static func named(_ name: String) throws(DatasetError) -> any DatasetRecipe {
        let wanted = String(name.lowercased().map { $0 == "-" ? "_" : $0 })
        if let recipe = all.first(where: { $0.card.name == wanted }) { return recipe }
        let known = all.map(\.card.name)
        throw DatasetError(
            .datasetUnknown,
            "data set \"\(name)\": no recipe; expected one of \(known.joined(separator: ", "))."
                + Suggestion.sentence(for: wanted, in: known)
        )
    }
}
