<?xml version="1.0" encoding="UTF-8"?>
<!-- Shows a define.xml (Define-XML 2.0 or 2.1; SDTM, SEND, ADaM) as one page: standards, documents,
     datasets, variables with their value level to unfold, controlled terms, dictionaries, methods,
     comments, analysis results. XSLT 1.0; nothing from outside; without script all but "unfold all"
     works. Names of the def extension are matched by their local part, so that both editions fit. -->
<xsl:stylesheet version="1.0"
  xmlns:xsl="http://www.w3.org/1999/XSL/Transform"
  xmlns:odm="http://www.cdisc.org/ns/odm/v1.3"
  xmlns:xlink="http://www.w3.org/1999/xlink"
  exclude-result-prefixes="odm xlink">

  <xsl:output method="html" encoding="UTF-8" indent="no" doctype-system="about:legacy-compat"/>

  <xsl:key name="item" match="odm:ItemDef" use="@OID"/>
  <xsl:key name="codelist" match="odm:CodeList" use="@OID"/>
  <xsl:key name="method" match="odm:MethodDef" use="@OID"/>
  <xsl:key name="comment" match="*[local-name() = 'CommentDef']" use="@OID"/>
  <xsl:key name="where" match="*[local-name() = 'WhereClauseDef']" use="@OID"/>
  <xsl:key name="standard" match="*[local-name() = 'Standard']" use="@OID"/>
  <xsl:key name="values" match="*[local-name() = 'ValueListDef']" use="@OID"/>
  <xsl:key name="leaf" match="*[local-name() = 'leaf']" use="@ID"/>
  <xsl:key name="item-ref" match="odm:ItemRef" use="@ItemOID"/>
  <xsl:key name="value-ref" match="*[local-name() = 'ValueListRef']" use="@ValueListOID"/>
  <xsl:key name="group" match="odm:ItemGroupDef" use="@OID"/>
  <xsl:key name="commented" match="*[@*[local-name() = 'CommentOID']]"
    use="@*[local-name() = 'CommentOID']"/>
  <xsl:key name="derived" match="odm:ItemRef[@MethodOID]" use="@MethodOID"/>

  <xsl:variable name="version" select="/odm:ODM/odm:Study/odm:MetaDataVersion"/>
  <xsl:variable name="names" select="/odm:ODM/odm:Study/odm:GlobalVariables"/>
  <xsl:variable name="groups" select="$version/odm:ItemGroupDef"/>
  <xsl:variable name="standards" select="$version/*[local-name() = 'Standards']/*"/>
  <xsl:variable name="crf" select="$version/*[local-name() = 'AnnotatedCRF']/*"/>
  <xsl:variable name="supplements" select="$version/*[local-name() = 'SupplementalDoc']/*"/>
  <xsl:variable name="lists" select="$version/odm:CodeList"/>
  <xsl:variable name="terms" select="$lists[not(odm:ExternalCodeList)]"/>
  <xsl:variable name="dictionaries" select="$lists[odm:ExternalCodeList]"/>
  <xsl:variable name="valued" select="$groups/odm:ItemRef[key('item', @ItemOID)
    /*[local-name() = 'ValueListRef']]"/>
  <xsl:variable name="comments" select="$version/*[local-name() = 'CommentDef']"/>
  <xsl:variable name="results"
    select="$version/*[local-name() = 'AnalysisResultDisplays']/*[local-name() = 'ResultDisplay']"/>
  <xsl:variable name="shown-terms" select="5"/>

  <xsl:template match="/">
    <html lang="en">
      <head>
        <meta charset="utf-8"/>
        <meta name="viewport" content="width=device-width, initial-scale=1"/>
        <title><xsl:value-of select="$names/odm:StudyName"/> – Data Definitions</title>
        <xsl:call-template name="style"/>
      </head>
      <body>
        <a class="skip" href="#top">Skip to the definitions</a>
        <xsl:call-template name="navigation"/>
        <main id="top">
          <xsl:call-template name="heading"/>
          <xsl:if test="$standards or $version/@*[local-name() = 'StandardName']">
            <xsl:call-template name="standards"/>
          </xsl:if>
          <xsl:if test="$crf | $supplements"><xsl:call-template name="documents"/></xsl:if>
          <xsl:if test="$results"><xsl:call-template name="results"/></xsl:if>
          <xsl:call-template name="datasets"/>
          <xsl:apply-templates select="$groups" mode="variables"/>
          <xsl:if test="$terms"><xsl:call-template name="terminology"/></xsl:if>
          <xsl:if test="$dictionaries"><xsl:call-template name="dictionaries"/></xsl:if>
          <xsl:if test="$version/odm:MethodDef"><xsl:call-template name="methods"/></xsl:if>
          <xsl:if test="$comments"><xsl:call-template name="comments"/></xsl:if>
          <footer>
            Define-XML <xsl:value-of select="$version/@*[local-name() = 'DefineVersion']"/>
            <xsl:text> · created </xsl:text>
            <xsl:value-of select="translate(/odm:ODM/@CreationDateTime, 'T', ' ')"/>
            <xsl:if test="/odm:ODM/@SourceSystem">
              <xsl:value-of select="concat(' · ', /odm:ODM/@SourceSystem, ' ', /odm:ODM/@SourceSystemVersion)"/>
            </xsl:if>
          </footer>
        </main>
        <xsl:call-template name="script"/>
      </body>
    </html>
  </xsl:template>

  <!-- Names and anchors -->

  <xsl:template name="anchor">
    <xsl:param name="of" select="@OID"/>
    <xsl:value-of select="translate($of, ' ', '_')"/>
  </xsl:template>

  <!-- A variable of a dataset: definitions may be shared by several datasets. -->
  <xsl:template match="odm:ItemRef" mode="anchor">
    <xsl:value-of select="translate(concat(../@OID, '.', @ItemOID), ' ', '_')"/>
  </xsl:template>

  <xsl:template name="said"><xsl:value-of select="odm:Description/odm:TranslatedText"/></xsl:template>

  <!-- DM.SEX, or LB.LBORRES for a definition of its value level. -->
  <xsl:template match="odm:ItemRef" mode="name">
    <xsl:choose>
      <xsl:when test="parent::odm:ItemGroupDef">
        <xsl:value-of select="concat(../@Name, '.', key('item', @ItemOID)/@Name)"/>
      </xsl:when>
      <xsl:otherwise>
        <xsl:apply-templates select="key('item-ref', key('value-ref', ../@OID)/../@OID)[1]" mode="name"/>
        <xsl:if test="*[local-name() = 'WhereClauseRef']">
          <xsl:text> where </xsl:text>
          <xsl:apply-templates select="key('where', *[local-name() = 'WhereClauseRef'][1]/@WhereClauseOID)" mode="plain"/>
        </xsl:if>
      </xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <!-- Navigation -->

  <xsl:template name="navigation">
    <nav aria-label="Contents">
      <a class="study" href="#top"><xsl:value-of select="$names/odm:StudyName"/></a>
      <p class="quiet">Data definitions</p>
      <xsl:if test="$standards or $version/@*[local-name() = 'StandardName']">
        <h2><a href="#standards">Standards</a></h2>
      </xsl:if>
      <xsl:if test="$crf | $supplements">
        <h2><a href="#documents">Documents</a></h2>
        <ul>
          <xsl:for-each select="$crf | $supplements">
            <xsl:variable name="leaf" select="key('leaf', @leafID)"/>
            <li><a href="{$leaf/@xlink:href}"><span><xsl:value-of select="$leaf/*"/></span></a></li>
          </xsl:for-each>
        </ul>
      </xsl:if>
      <xsl:if test="$results">
        <h2><a href="#results">Analysis results</a></h2>
        <ul>
          <xsl:for-each select="$results">
            <li><a href="#{translate(@OID, ' ', '_')}"><span><xsl:value-of select="@Name"/></span></a></li>
          </xsl:for-each>
        </ul>
      </xsl:if>
      <h2><a href="#datasets">Datasets</a></h2>
      <ul>
        <xsl:for-each select="$groups">
          <li>
            <a href="#{translate(@OID, ' ', '_')}" title="{odm:Description/odm:TranslatedText}">
              <b><xsl:value-of select="@Name"/></b>
              <span><xsl:call-template name="said"/></span>
            </a>
          </li>
        </xsl:for-each>
      </ul>
      <xsl:if test="$valued">
        <details>
          <summary>Value level</summary>
          <ul>
            <xsl:for-each select="$valued">
              <li>
                <a>
                  <xsl:attribute name="href">
                    <xsl:text>#VLM.</xsl:text><xsl:apply-templates select="." mode="anchor"/>
                  </xsl:attribute>
                  <xsl:apply-templates select="." mode="name"/>
                </a>
              </li>
            </xsl:for-each>
          </ul>
        </details>
      </xsl:if>
      <xsl:if test="$terms">
        <details>
          <summary>Controlled terms</summary>
          <ul>
            <li><a href="#terms">All codelists</a></li>
            <xsl:for-each select="$terms">
              <xsl:sort select="@Name"/>
              <li><a href="#{translate(@OID, ' ', '_')}" title="{@Name}"><span><xsl:value-of select="@Name"/></span></a></li>
            </xsl:for-each>
          </ul>
        </details>
      </xsl:if>
      <xsl:if test="$dictionaries"><h2><a href="#dictionaries">Dictionaries</a></h2></xsl:if>
      <xsl:if test="$version/odm:MethodDef"><h2><a href="#methods">Methods</a></h2></xsl:if>
      <xsl:if test="$comments"><h2><a href="#comments">Comments</a></h2></xsl:if>
    </nav>
  </xsl:template>

  <!-- Study, standards, documents -->

  <xsl:template name="heading">
    <header>
      <p class="quiet">Study <xsl:value-of select="$names/odm:StudyName"/></p>
      <h1><xsl:value-of select="$names/odm:StudyDescription"/></h1>
      <dl>
        <dt>Protocol</dt><dd><xsl:value-of select="$names/odm:ProtocolName"/></dd>
        <dt>Metadata</dt>
        <dd>
          <xsl:value-of select="$version/@Name"/>
          <xsl:if test="$version/@Description">
            <div class="text"><xsl:value-of select="$version/@Description"/></div>
          </xsl:if>
          <xsl:apply-templates select="$version/@*[local-name() = 'CommentOID']"/>
        </dd>
        <xsl:if test="/odm:ODM/@*[local-name() = 'Context']">
          <dt>Made for</dt><dd><xsl:value-of select="/odm:ODM/@*[local-name() = 'Context']"/></dd>
        </xsl:if>
      </dl>
      <p class="tools" hidden="hidden">
        <button type="button" data-open="1">Unfold all value levels</button>
        <button type="button" data-open="">Fold them</button>
      </p>
    </header>
  </xsl:template>

  <xsl:template name="standards">
    <section id="standards">
      <h2>Standards</h2>
      <div class="scroll"><table>
        <thead><tr><th scope="col">Standard</th><th scope="col">Type</th><th scope="col">Version</th>
          <th scope="col">Status</th><th scope="col">Comment</th></tr></thead>
        <tbody>
          <xsl:for-each select="$standards">
            <tr id="{translate(@OID, ' ', '_')}">
              <td><xsl:value-of select="normalize-space(concat(@Name, ' ', @PublishingSet))"/></td>
              <td>
                <xsl:choose>
                  <xsl:when test="@Type = 'CT'">Controlled terminology</xsl:when>
                  <xsl:when test="@Type = 'IG'">Implementation guide</xsl:when>
                  <xsl:otherwise><xsl:value-of select="@Type"/></xsl:otherwise>
                </xsl:choose>
              </td>
              <td><xsl:value-of select="@Version"/></td>
              <td><xsl:value-of select="@Status"/></td>
              <td><xsl:apply-templates select="@*[local-name() = 'CommentOID']"/></td>
            </tr>
          </xsl:for-each>
          <xsl:if test="$version/@*[local-name() = 'StandardName']">
            <tr>
              <td><xsl:value-of select="$version/@*[local-name() = 'StandardName']"/></td>
              <td>Implementation guide</td>
              <td><xsl:value-of select="$version/@*[local-name() = 'StandardVersion']"/></td>
              <td/><td/>
            </tr>
          </xsl:if>
        </tbody>
      </table></div>
    </section>
  </xsl:template>

  <xsl:template name="documents">
    <section id="documents">
      <h2>Documents</h2>
      <ul class="plain">
        <xsl:for-each select="$crf | $supplements"><li><xsl:apply-templates select="."/></li></xsl:for-each>
      </ul>
    </section>
  </xsl:template>

  <!-- A document, and pages or places in it -->

  <xsl:template match="*[local-name() = 'DocumentRef']">
    <xsl:variable name="leaf" select="key('leaf', @leafID)"/>
    <div class="document">
      <a href="{$leaf/@xlink:href}"><xsl:value-of select="$leaf/*"/></a>
      <xsl:apply-templates select="*[local-name() = 'PDFPageRef']">
        <xsl:with-param name="file" select="$leaf/@xlink:href"/>
      </xsl:apply-templates>
    </div>
  </xsl:template>

  <xsl:template match="*[local-name() = 'PDFPageRef']">
    <xsl:param name="file"/>
    <xsl:variable name="at">
      <xsl:choose><xsl:when test="@Type = 'NamedDestination'">#</xsl:when><xsl:otherwise>#page=</xsl:otherwise></xsl:choose>
    </xsl:variable>
    <xsl:choose>
      <xsl:when test="@PageRefs">
        <xsl:choose>
          <xsl:when test="contains(normalize-space(@PageRefs), ' ')"> pages </xsl:when>
          <xsl:otherwise> page </xsl:otherwise>
        </xsl:choose>
        <xsl:call-template name="pages">
          <xsl:with-param name="rest" select="normalize-space(@PageRefs)"/>
          <xsl:with-param name="start" select="concat($file, $at)"/>
        </xsl:call-template>
      </xsl:when>
      <xsl:when test="@FirstPage">
        <xsl:text> pages </xsl:text>
        <a href="{$file}{$at}{@FirstPage}"><xsl:value-of select="@FirstPage"/></a>
        <xsl:text> to </xsl:text>
        <a href="{$file}{$at}{@LastPage}"><xsl:value-of select="@LastPage"/></a>
      </xsl:when>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="pages">
    <xsl:param name="rest"/>
    <xsl:param name="start"/>
    <xsl:variable name="first" select="substring-before(concat($rest, ' '), ' ')"/>
    <a href="{$start}{$first}"><xsl:value-of select="$first"/></a>
    <xsl:if test="contains($rest, ' ')">
      <xsl:text>, </xsl:text>
      <xsl:call-template name="pages">
        <xsl:with-param name="rest" select="substring-after($rest, ' ')"/>
        <xsl:with-param name="start" select="$start"/>
      </xsl:call-template>
    </xsl:if>
  </xsl:template>

  <!-- Datasets -->

  <xsl:template name="datasets">
    <section id="datasets">
      <h2>Datasets</h2>
      <div class="scroll"><table>
        <thead><tr>
          <th scope="col">Dataset</th><th scope="col">Description</th><th scope="col">Class</th>
          <th scope="col">Structure</th><th scope="col">Purpose</th><th scope="col">Keys</th>
          <th scope="col">Comment</th><th scope="col">Location</th>
        </tr></thead>
        <tbody><xsl:apply-templates select="$groups" mode="row"/></tbody>
      </table></div>
    </section>
  </xsl:template>

  <xsl:template match="odm:ItemGroupDef" mode="row">
    <tr>
      <xsl:if test="@*[local-name() = 'HasNoData']"><xsl:attribute name="class">empty</xsl:attribute></xsl:if>
      <th scope="row"><a class="name" href="#{translate(@OID, ' ', '_')}"><xsl:value-of select="@Name"/></a></th>
      <td>
        <xsl:call-template name="said"/>
        <xsl:if test="odm:Alias[@Context = 'DomainDescription']">
          <div class="quiet"><xsl:value-of select="concat(@Domain, ': ', odm:Alias[@Context = 'DomainDescription']/@Name)"/></div>
        </xsl:if>
      </td>
      <td><xsl:call-template name="class"/></td>
      <td><xsl:value-of select="@*[local-name() = 'Structure']"/></td>
      <td><xsl:value-of select="@Purpose"/></td>
      <td><xsl:call-template name="keys"/></td>
      <td>
        <xsl:call-template name="marks"/>
        <xsl:call-template name="standard"/>
        <xsl:apply-templates select="@*[local-name() = 'CommentOID']"/>
      </td>
      <td><xsl:call-template name="location"/></td>
    </tr>
  </xsl:template>

  <!-- An element in 2.1, an attribute in 2.0 -->
  <xsl:template name="class">
    <xsl:value-of select="*[local-name() = 'Class']/@Name | @*[local-name() = 'Class']"/>
    <xsl:for-each select="*[local-name() = 'Class']/*">
      <div class="quiet"><xsl:value-of select="@Name"/></div>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="keys">
    <xsl:for-each select="odm:ItemRef[@KeySequence]">
      <xsl:sort select="@KeySequence" data-type="number"/>
      <xsl:if test="position() > 1">, </xsl:if>
      <xsl:value-of select="key('item', @ItemOID)/@Name"/>
    </xsl:for-each>
  </xsl:template>

  <xsl:template name="location">
    <xsl:variable name="leaf" select="*[local-name() = 'leaf']"/>
    <xsl:choose>
      <xsl:when test="$leaf"><a href="{$leaf/@xlink:href}"><xsl:value-of select="$leaf/*"/></a></xsl:when>
      <xsl:otherwise><span class="tag">no data</span></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template name="marks">
    <xsl:if test="@*[local-name() = 'HasNoData'] and self::odm:ItemRef"><span class="tag">no data</span></xsl:if>
    <xsl:if test="@*[local-name() = 'IsNonStandard']"><span class="tag">non-standard</span></xsl:if>
  </xsl:template>

  <!-- Told where there is more than one guide, or more than one terminology. -->
  <xsl:template name="standard">
    <xsl:variable name="own" select="key('standard', @*[local-name() = 'StandardOID'])"/>
    <xsl:if test="$own and count($standards[@Type = $own/@Type]) > 1">
      <div class="quiet">
        <a href="#{translate($own/@OID, ' ', '_')}">
          <xsl:value-of select="normalize-space(concat($own/@Name, ' ', $own/@PublishingSet, ' ', $own/@Version))"/>
        </a>
      </div>
    </xsl:if>
  </xsl:template>

  <!-- Variables of a dataset, each with its value level below it -->

  <xsl:template match="odm:ItemGroupDef" mode="variables">
    <section id="{translate(@OID, ' ', '_')}">
      <h2>
        <xsl:value-of select="@Name"/>
        <small><xsl:call-template name="said"/></small>
        <span class="file"><xsl:call-template name="location"/></span>
      </h2>
      <p class="quiet">
        <xsl:value-of select="*[local-name() = 'Class']/@Name | @*[local-name() = 'Class']"/>
        <xsl:text> · </xsl:text><xsl:value-of select="@*[local-name() = 'Structure']"/>
        <xsl:if test="odm:ItemRef[@KeySequence]"> · keys: <xsl:call-template name="keys"/></xsl:if>
      </p>
      <xsl:apply-templates select="@*[local-name() = 'CommentOID']"/>
      <div class="scroll"><table class="variables">
        <thead><tr>
          <th scope="col">Variable</th><th scope="col">Label</th><th scope="col">Key</th>
          <th scope="col">Type</th><th scope="col">Length</th>
          <th scope="col">Controlled terms or format</th><th scope="col">Role</th>
          <th scope="col">Origin, method, comment</th>
        </tr></thead>
        <tbody>
          <xsl:apply-templates select="odm:ItemRef" mode="row">
            <xsl:sort select="@OrderNumber" data-type="number"/>
          </xsl:apply-templates>
        </tbody>
      </table></div>
    </section>
  </xsl:template>

  <xsl:template match="odm:ItemRef" mode="row">
    <xsl:variable name="item" select="key('item', @ItemOID)"/>
    <tr>
      <xsl:attribute name="id"><xsl:apply-templates select="." mode="anchor"/></xsl:attribute>
      <xsl:if test="@*[local-name() = 'HasNoData']"><xsl:attribute name="class">empty</xsl:attribute></xsl:if>
      <th scope="row">
        <span class="name"><xsl:value-of select="$item/@Name"/></span>
        <xsl:if test="@Mandatory = 'Yes'"><abbr title="Mandatory">*</abbr></xsl:if>
      </th>
      <td><xsl:value-of select="$item/odm:Description/odm:TranslatedText"/></td>
      <td class="number"><xsl:value-of select="@KeySequence"/></td>
      <td><xsl:value-of select="$item/@DataType"/></td>
      <td class="number"><xsl:apply-templates select="$item" mode="length"/></td>
      <td><xsl:apply-templates select="$item" mode="terms"/></td>
      <td><xsl:value-of select="@Role"/></td>
      <td>
        <xsl:call-template name="marks"/>
        <xsl:call-template name="provenance"><xsl:with-param name="item" select="$item"/></xsl:call-template>
      </td>
    </tr>
    <xsl:variable name="list" select="key('values', $item/*[local-name() = 'ValueListRef']/@ValueListOID)"/>
    <xsl:if test="$list">
      <tr class="level">
        <td colspan="8">
          <details>
            <xsl:attribute name="id"><xsl:text>VLM.</xsl:text><xsl:apply-templates select="." mode="anchor"/></xsl:attribute>
            <summary>
              <xsl:value-of select="concat($item/@Name, ': value level, ', count($list/odm:ItemRef), ' definition')"/>
              <xsl:if test="count($list/odm:ItemRef) > 1">s</xsl:if>
            </summary>
            <xsl:call-template name="value-level"><xsl:with-param name="list" select="$list"/></xsl:call-template>
          </details>
        </td>
      </tr>
    </xsl:if>
  </xsl:template>

  <xsl:template name="value-level">
    <xsl:param name="list"/>
    <table class="values">
      <thead><tr>
        <th scope="col">Where</th><th scope="col">Meaning</th><th scope="col">Type</th>
        <th scope="col">Length</th><th scope="col">Controlled terms or format</th>
        <th scope="col">Origin, method, comment</th>
      </tr></thead>
      <tbody>
        <xsl:for-each select="$list/odm:ItemRef">
          <xsl:sort select="@OrderNumber" data-type="number"/>
          <xsl:variable name="item" select="key('item', @ItemOID)"/>
          <tr>
            <td>
              <xsl:for-each select="*[local-name() = 'WhereClauseRef']">
                <xsl:if test="position() > 1"><div class="quiet">or</div></xsl:if>
                <xsl:apply-templates select="key('where', @WhereClauseOID)" mode="where"/>
              </xsl:for-each>
            </td>
            <td>
              <xsl:choose>
                <xsl:when test="$item/odm:Description">
                  <xsl:value-of select="$item/odm:Description/odm:TranslatedText"/>
                </xsl:when>
                <xsl:otherwise>
                  <xsl:apply-templates select="key('where', *[local-name() = 'WhereClauseRef'][1]/@WhereClauseOID)" mode="decoded"/>
                </xsl:otherwise>
              </xsl:choose>
              <xsl:if test="@Mandatory = 'Yes'"><abbr title="Mandatory">*</abbr></xsl:if>
            </td>
            <td><xsl:value-of select="$item/@DataType"/></td>
            <td class="number"><xsl:apply-templates select="$item" mode="length"/></td>
            <td><xsl:apply-templates select="$item" mode="terms"/></td>
            <td>
              <xsl:call-template name="provenance"><xsl:with-param name="item" select="$item"/></xsl:call-template>
            </td>
          </tr>
        </xsl:for-each>
      </tbody>
    </table>
  </xsl:template>

  <!-- Origins, method and comment of an ItemRef -->
  <xsl:template name="provenance">
    <xsl:param name="item"/>
    <xsl:apply-templates select="$item/*[local-name() = 'Origin']" mode="origin"/>
    <xsl:apply-templates select="key('method', @MethodOID)" mode="inline"/>
    <xsl:apply-templates select="$item/@*[local-name() = 'CommentOID']"/>
  </xsl:template>

  <xsl:template match="odm:ItemDef" mode="length">
    <xsl:choose>
      <xsl:when test="@*[local-name() = 'DisplayFormat']"><xsl:value-of select="@*[local-name() = 'DisplayFormat']"/></xsl:when>
      <xsl:when test="@SignificantDigits"><xsl:value-of select="concat(@Length, '.', @SignificantDigits)"/></xsl:when>
      <xsl:otherwise><xsl:value-of select="@Length"/></xsl:otherwise>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="odm:ItemDef" mode="terms">
    <xsl:variable name="list" select="key('codelist', odm:CodeListRef/@CodeListOID)"/>
    <xsl:variable name="values" select="$list/odm:EnumeratedItem | $list/odm:CodeListItem"/>
    <xsl:choose>
      <xsl:when test="$list">
        <a href="#{translate($list/@OID, ' ', '_')}"><xsl:value-of select="$list/@Name"/></a>
        <xsl:choose>
          <xsl:when test="$list/odm:ExternalCodeList">
            <xsl:value-of select="concat(' ', $list/odm:ExternalCodeList/@Version)"/>
          </xsl:when>
          <xsl:when test="count($values) &lt;= $shown-terms">
            <div class="quiet">
              <xsl:for-each select="$values">
                <xsl:if test="position() > 1">, </xsl:if>
                <xsl:value-of select="concat('&quot;', @CodedValue, '&quot;')"/>
              </xsl:for-each>
            </div>
          </xsl:when>
          <xsl:otherwise><div class="quiet"><xsl:value-of select="count($values)"/> terms</div></xsl:otherwise>
        </xsl:choose>
      </xsl:when>
      <xsl:when test="contains(@DataType, 'ate') or contains(@DataType, 'ime')">ISO 8601</xsl:when>
    </xsl:choose>
  </xsl:template>

  <xsl:template match="*[local-name() = 'Origin']" mode="origin">
    <div>
      <b><xsl:value-of select="@Type"/></b>
      <xsl:if test="@Source"><span class="quiet"> (source: <xsl:value-of select="@Source"/>)</span></xsl:if>
      <xsl:if test="odm:Description">: <xsl:call-template name="said"/></xsl:if>
      <xsl:apply-templates select="*[local-name() = 'DocumentRef']"/>
    </div>
  </xsl:template>

  <xsl:template match="odm:MethodDef" mode="inline">
    <div class="note">
      <a href="#{translate(@OID, ' ', '_')}" title="{@Name}">Method</a>:
      <span class="text"><xsl:call-template name="said"/></span>
      <xsl:apply-templates select="*[local-name() = 'DocumentRef']"/>
    </div>
  </xsl:template>

  <xsl:template match="@*[local-name() = 'CommentOID']">
    <xsl:for-each select="key('comment', .)">
      <div class="note">
        <span class="text"><xsl:call-template name="said"/></span>
        <xsl:apply-templates select="*[local-name() = 'DocumentRef']"/>
      </div>
    </xsl:for-each>
  </xsl:template>

  <!-- Conditions -->

  <xsl:template match="*" mode="where">
    <xsl:for-each select="odm:RangeCheck">
      <xsl:if test="position() > 1"> and </xsl:if>
      <span class="name"><xsl:call-template name="checked"/></span>
      <xsl:text> </xsl:text><xsl:call-template name="comparison"/>
    </xsl:for-each>
    <xsl:apply-templates select="@*[local-name() = 'CommentOID']"/>
  </xsl:template>

  <xsl:template match="*" mode="plain">
    <xsl:for-each select="odm:RangeCheck">
      <xsl:if test="position() > 1"> and </xsl:if>
      <xsl:call-template name="checked"/><xsl:text> </xsl:text><xsl:call-template name="comparison"/>
    </xsl:for-each>
  </xsl:template>

  <!-- What the codelist calls the value of a simple condition -->
  <xsl:template match="*" mode="decoded">
    <xsl:variable name="check" select="odm:RangeCheck[1]"/>
    <xsl:if test="$check/@Comparator = 'EQ'">
      <xsl:variable name="list" select="key('codelist', key('item', $check/@*[local-name() = 'ItemOID'])/odm:CodeListRef/@CodeListOID)"/>
      <xsl:value-of select="$list/odm:CodeListItem[@CodedValue = $check/odm:CheckValue]/odm:Decode/odm:TranslatedText"/>
    </xsl:if>
  </xsl:template>

  <!-- A variable of the same dataset by its name, of another with that dataset's -->
  <xsl:template name="checked">
    <xsl:variable name="oid" select="@*[local-name() = 'ItemOID']"/>
    <xsl:variable name="owner" select="key('item-ref', $oid)[parent::odm:ItemGroupDef][1]/../@Name"/>
    <xsl:variable name="name" select="key('item', $oid)/@Name"/>
    <xsl:if test="$owner and not(starts-with($name, substring($owner, 1, 2))) and not(starts-with($owner, 'SUPP')) and not(contains(' TS TA TE TI TV ', concat(' ', $owner, ' ')))">
      <xsl:value-of select="concat($owner, '.')"/>
    </xsl:if>
    <xsl:value-of select="$name"/>
  </xsl:template>

  <xsl:template name="comparison">
    <xsl:choose>
      <xsl:when test="@Comparator = 'EQ'">=</xsl:when>
      <xsl:when test="@Comparator = 'NE'">≠</xsl:when>
      <xsl:when test="@Comparator = 'LT'">&lt;</xsl:when>
      <xsl:when test="@Comparator = 'LE'">≤</xsl:when>
      <xsl:when test="@Comparator = 'GT'">&gt;</xsl:when>
      <xsl:when test="@Comparator = 'GE'">≥</xsl:when>
      <xsl:when test="@Comparator = 'NOTIN'">not in</xsl:when>
      <xsl:otherwise>in</xsl:otherwise>
    </xsl:choose>
    <xsl:text> </xsl:text>
    <xsl:for-each select="odm:CheckValue">
      <xsl:if test="position() > 1">, </xsl:if>
      <xsl:choose>
        <xsl:when test="string(.)"><xsl:value-of select="."/></xsl:when>
        <xsl:otherwise>(missing)</xsl:otherwise>
      </xsl:choose>
    </xsl:for-each>
  </xsl:template>

  <!-- Controlled terms -->

  <xsl:template name="terminology">
    <section id="terms">
      <h2>Controlled terms</h2>
      <div class="lists">
        <xsl:for-each select="$terms">
          <xsl:sort select="@Name"/>
          <xsl:variable name="decoded" select="odm:CodeListItem"/>
          <xsl:variable name="coded" select="*/odm:Alias[@Context = 'nci:ExtCodeID'] or */@*[local-name() = 'ExtendedValue']"/>
          <div class="list" id="{translate(@OID, ' ', '_')}">
            <h3>
              <xsl:value-of select="@Name"/>
              <small><xsl:value-of select="odm:Alias[@Context = 'nci:ExtCodeID']/@Name"/></small>
              <xsl:if test="@*[local-name() = 'IsNonStandard']"><span class="tag">sponsor's own</span></xsl:if>
            </h3>
            <xsl:call-template name="standard"/>
            <xsl:apply-templates select="@*[local-name() = 'CommentOID']"/>
            <table>
              <thead><tr>
                <th scope="col">Value</th>
                <xsl:if test="$decoded"><th scope="col">Decode</th></xsl:if>
                <xsl:if test="$coded"><th scope="col">NCI code</th></xsl:if>
              </tr></thead>
              <tbody>
                <xsl:for-each select="odm:EnumeratedItem | odm:CodeListItem">
                  <tr>
                    <td><xsl:value-of select="@CodedValue"/></td>
                    <xsl:if test="$decoded"><td><xsl:value-of select="odm:Decode/odm:TranslatedText"/></td></xsl:if>
                    <xsl:if test="$coded">
                      <td class="number">
                        <xsl:value-of select="odm:Alias[@Context = 'nci:ExtCodeID']/@Name"/>
                        <xsl:if test="@*[local-name() = 'ExtendedValue'] = 'Yes'"><span class="tag">extended</span></xsl:if>
                      </td>
                    </xsl:if>
                  </tr>
                </xsl:for-each>
              </tbody>
            </table>
          </div>
        </xsl:for-each>
      </div>
    </section>
  </xsl:template>

  <xsl:template name="dictionaries">
    <section id="dictionaries">
      <h2>External dictionaries</h2>
      <div class="scroll"><table>
        <thead><tr><th scope="col">Reference</th><th scope="col">Dictionary</th><th scope="col">Version</th>
          <th scope="col">Comment</th></tr></thead>
        <tbody>
          <xsl:for-each select="$dictionaries">
            <tr id="{translate(@OID, ' ', '_')}">
              <td><xsl:value-of select="@Name"/></td>
              <td><xsl:value-of select="odm:ExternalCodeList/@Dictionary"/></td>
              <td><xsl:value-of select="odm:ExternalCodeList/@Version"/></td>
              <td><xsl:apply-templates select="@*[local-name() = 'CommentOID']"/></td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table></div>
    </section>
  </xsl:template>

  <!-- Methods and comments, with what uses them -->

  <xsl:template name="methods">
    <section id="methods">
      <h2>Methods</h2>
      <div class="scroll"><table class="methods">
        <thead><tr><th scope="col">Method</th><th scope="col">Of</th><th scope="col">Type</th>
          <th scope="col">Description</th></tr></thead>
        <tbody>
          <xsl:for-each select="$version/odm:MethodDef">
            <tr id="{translate(@OID, ' ', '_')}">
              <td><xsl:value-of select="@Name"/></td>
              <td><xsl:call-template name="users"><xsl:with-param name="of" select="key('derived', @OID)"/></xsl:call-template></td>
              <td><xsl:value-of select="@Type"/></td>
              <td>
                <div class="text"><xsl:call-template name="said"/></div>
                <xsl:for-each select="odm:FormalExpression">
                  <div class="quiet"><xsl:value-of select="@Context"/></div>
                  <code><xsl:value-of select="."/></code>
                </xsl:for-each>
                <xsl:apply-templates select="*[local-name() = 'DocumentRef']"/>
              </td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table></div>
    </section>
  </xsl:template>

  <!-- The first users of a method or comment: links to their rows -->
  <xsl:template name="users">
    <xsl:param name="of"/>
    <xsl:for-each select="$of[position() &lt;= 3]">
      <div>
        <xsl:choose>
          <xsl:when test="self::odm:ItemRef">
            <xsl:variable name="row" select="self::*[parent::odm:ItemGroupDef] | key('item-ref', key('value-ref', ../@OID)/../@OID)[parent::odm:ItemGroupDef][1]"/>
            <a>
              <xsl:attribute name="href">
                <xsl:choose><xsl:when test="parent::odm:ItemGroupDef">#</xsl:when><xsl:otherwise>#VLM.</xsl:otherwise></xsl:choose>
                <xsl:apply-templates select="$row" mode="anchor"/>
              </xsl:attribute>
              <xsl:apply-templates select="." mode="name"/>
            </a>
          </xsl:when>
          <xsl:when test="self::odm:ItemDef">
            <xsl:call-template name="users"><xsl:with-param name="of" select="key('item-ref', @OID)[1]"/></xsl:call-template>
          </xsl:when>
          <xsl:when test="self::odm:ItemGroupDef or self::odm:CodeList">
            <a href="#{translate(@OID, ' ', '_')}"><xsl:value-of select="@Name"/></a>
          </xsl:when>
          <xsl:otherwise><xsl:value-of select="normalize-space(concat(@Name, ' ', @Version))"/></xsl:otherwise>
        </xsl:choose>
      </div>
    </xsl:for-each>
    <xsl:if test="count($of) > 3"><div class="quiet">and <xsl:value-of select="count($of) - 3"/> more</div></xsl:if>
  </xsl:template>

  <xsl:template name="comments">
    <section id="comments">
      <h2>Comments</h2>
      <div class="scroll"><table class="comments">
        <thead><tr><th scope="col">Comment on</th><th scope="col">Text</th></tr></thead>
        <tbody>
          <xsl:for-each select="$comments">
            <tr id="{translate(@OID, ' ', '_')}">
              <td><xsl:call-template name="users"><xsl:with-param name="of" select="key('commented', @OID)"/></xsl:call-template></td>
              <td>
                <div class="text"><xsl:call-template name="said"/></div>
                <xsl:apply-templates select="*[local-name() = 'DocumentRef']"/>
              </td>
            </tr>
          </xsl:for-each>
        </tbody>
      </table></div>
    </section>
  </xsl:template>

  <!-- Analysis results metadata (ADaM) -->

  <xsl:template name="results">
    <section id="results">
      <h2>Analysis results</h2>
      <xsl:for-each select="$results">
        <div id="{translate(@OID, ' ', '_')}">
          <h3><xsl:value-of select="@Name"/> <small><xsl:call-template name="said"/></small></h3>
          <xsl:apply-templates select="*[local-name() = 'DocumentRef']"/>
          <xsl:for-each select="*[local-name() = 'AnalysisResult']">
            <dl class="result">
              <dt>Result</dt><dd><xsl:call-template name="said"/></dd>
              <xsl:if test="@AnalysisReason"><dt>Reason</dt><dd><xsl:value-of select="@AnalysisReason"/></dd></xsl:if>
              <xsl:if test="@AnalysisPurpose"><dt>Purpose</dt><dd><xsl:value-of select="@AnalysisPurpose"/></dd></xsl:if>
              <xsl:for-each select="*[local-name() = 'AnalysisDatasets']/*[local-name() = 'AnalysisDataset']">
                <dt>Data</dt>
                <dd>
                  <a href="#{translate(@ItemGroupOID, ' ', '_')}"><xsl:value-of select="key('group', @ItemGroupOID)/@Name"/></a>
                  <xsl:for-each select="*[local-name() = 'WhereClauseRef']">
                    <xsl:text> where </xsl:text>
                    <xsl:apply-templates select="key('where', @WhereClauseOID)" mode="plain"/>
                  </xsl:for-each>
                  <xsl:for-each select="*[local-name() = 'AnalysisVariable']">
                    <xsl:choose>
                      <xsl:when test="position() = 1">: </xsl:when><xsl:otherwise>, </xsl:otherwise>
                    </xsl:choose>
                    <xsl:value-of select="key('item', @ItemOID)/@Name"/>
                  </xsl:for-each>
                </dd>
              </xsl:for-each>
              <xsl:for-each select="*[local-name() = 'Documentation']">
                <dt>Documentation</dt>
                <dd><span class="text"><xsl:call-template name="said"/></span>
                  <xsl:apply-templates select="*[local-name() = 'DocumentRef']"/></dd>
              </xsl:for-each>
              <xsl:for-each select="*[local-name() = 'ProgrammingCode']">
                <dt>Program</dt>
                <dd>
                  <xsl:value-of select="@Context"/>
                  <xsl:if test="*[local-name() = 'Code']"><code><xsl:value-of select="*[local-name() = 'Code']"/></code></xsl:if>
                  <xsl:apply-templates select="*[local-name() = 'DocumentRef']"/>
                </dd>
              </xsl:for-each>
            </dl>
          </xsl:for-each>
        </div>
      </xsl:for-each>
    </section>
  </xsl:template>

  <!-- A link into a folded value level unfolds it; so does printing. -->
  <xsl:template name="script">
    <script>
(function () {
  var levels = document.querySelectorAll("tr.level details");
  function all(open) { levels.forEach(function (level) { level.open = open; }); }
  function target() {
    var found = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (found) { found.open = true; found.scrollIntoView(); }
  }
  var tools = document.querySelector(".tools");
  tools.hidden = !levels.length;
  tools.addEventListener("click", function (event) {
    if (event.target.dataset.open !== undefined) all(!!event.target.dataset.open);
  });
  addEventListener("hashchange", target);
  addEventListener("beforeprint", function () { all(true); });
  if (location.hash) target();
})();
    </script>
  </xsl:template>

  <xsl:template name="style">
    <style>
:root { --ink: #1c2733; --quiet: #556270; --line: #d5dce3; --paper: #fff; --side: #f4f7f9;
  --accent: #0b5c8c; --head: #e8eff4; --tag: #fdf3d7; --tag-ink: #6b4e00; }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); background: var(--paper);
  font: 14px/1.45 "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
a:focus-visible, summary:focus-visible, button:focus-visible { outline: 2px solid var(--accent);
  outline-offset: 2px; border-radius: 2px; }
.skip { position: absolute; left: -99rem; z-index: 2; padding: .5rem 1rem; background: var(--paper); }
.skip:focus { left: .5rem; top: .5rem; }
nav { position: fixed; inset: 0 auto 0 0; width: 17rem; overflow-y: auto; padding: 1.25rem 1rem;
  background: var(--side); border-right: 1px solid var(--line); }
nav .study { display: block; font-size: 1.25rem; font-weight: 700; color: var(--ink);
  overflow-wrap: anywhere; line-height: 1.2; }
nav p { margin: 0 0 1rem; }
nav h2, nav summary { margin: 1rem 0 .25rem; font-size: .8rem; font-weight: 700;
  letter-spacing: .04em; text-transform: uppercase; color: var(--accent); cursor: pointer; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: flex; gap: .6rem; padding: .15rem .4rem; border-radius: 4px; white-space: nowrap;
  overflow: hidden; color: var(--ink); }
nav li a:hover { background: var(--head); text-decoration: none; }
nav li b { flex: 0 0 5rem; color: var(--accent); }
nav li span { overflow: hidden; text-overflow: ellipsis; color: var(--quiet); }
main { margin-left: 17rem; padding: 1.5rem 2rem 3rem; max-width: 110rem; }
header h1 { margin: .1rem 0 1rem; font-size: 1.5rem; line-height: 1.25; max-width: 60rem; }
dl { display: grid; grid-template-columns: 7rem 1fr; gap: .35rem 1rem; margin: 0; }
dt { color: var(--quiet); } dd { margin: 0; min-width: 0; }
dl.result { margin: 0 0 1.2rem; padding: .6rem .8rem; border: 1px solid var(--line); }
button { margin: 0 .4rem 0 0; padding: .25rem .7rem; color: var(--accent); background: var(--paper);
  border: 1px solid var(--accent); border-radius: 4px; font: inherit; cursor: pointer; }
button:hover { background: var(--head); }
section { margin-top: 2.2rem; }
h2 { margin: 0 0 .4rem; font-size: 1.2rem; }
h3 { margin: 1.4rem 0 .4rem; font-size: 1rem; }
small { margin-left: .5rem; font-size: .9rem; font-weight: 400; color: var(--quiet); }
.file { float: right; font-size: .9rem; font-weight: 400; }
.quiet { color: var(--quiet); margin: 0 0 .5rem; }
div.quiet { margin: 0; font-size: .92em; }
.plain { margin: 0; padding-left: 1.1rem; }
.scroll { overflow-x: auto; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .35rem .6rem; text-align: left; vertical-align: top; border: 1px solid var(--line); }
thead th { background: var(--head); font-size: .85rem; }
th[scope="row"] { font-weight: 400; }
td { overflow-wrap: break-word; }
tbody tr:hover { background: #f8fafb; }
tbody tr:target, .list:target h3, details:target > summary { background: var(--tag); }
tr.empty td, tr.empty th { color: var(--quiet); background: #fafbfc; }
tr.level > td { padding: 0 .6rem; background: #fbfcfd; }
tr.level summary { padding: .25rem 0; color: var(--accent); cursor: pointer; }
tr.level table { margin: .2rem 0 .8rem; background: var(--paper); }
.name { font-weight: 600; white-space: nowrap; }
.number, .variables > tbody > tr > td:nth-child(4) { white-space: nowrap; }
.variables > tbody > tr > td:nth-child(2) { min-width: 11rem; }
.variables > tbody > tr > td:last-child { min-width: 16rem; }
.values td:first-child { min-width: 12rem; }
.note { margin-top: .15rem; }
.text { white-space: pre-line; }
.tag { display: inline-block; margin: 0 .35rem; padding: 0 .4rem; border-radius: 3px; font-size: .8rem;
  font-weight: 400; white-space: nowrap; color: var(--tag-ink); background: var(--tag); }
td > .tag:first-child { margin-left: 0; }
abbr { margin-left: .15rem; color: #a32020; text-decoration: none; cursor: help; }
code { display: block; margin: .1rem 0 .4rem; padding: .3rem .5rem; background: var(--side);
  white-space: pre-wrap; overflow-wrap: anywhere; font: .9em/1.4 Consolas, "DejaVu Sans Mono", monospace; }
.lists { columns: 26rem; column-gap: 1.5rem; }
.list { break-inside: avoid-column; padding-bottom: .8rem; }
.list h3 { margin-top: .2rem; padding: .1rem .2rem; }
footer { margin-top: 3rem; padding-top: .6rem; border-top: 1px solid var(--line); color: var(--quiet); }
@media (max-width: 900px) { nav { position: static; width: auto; max-height: 40vh; border: 0;
  border-bottom: 1px solid var(--line); } main { margin: 0; padding: 1rem; }
  .file { float: none; display: block; } }
@page { size: A4 landscape; margin: 12mm; }
@media print { nav, .tools, .skip { display: none; } main { margin: 0; padding: 0; max-width: none; }
  body { font-size: 9pt; } .scroll { overflow: visible; } tr, .list { break-inside: avoid; }
  tr.level { break-inside: auto; } thead { display: table-header-group; }
  section { break-before: page; } #standards, #documents, #datasets { break-before: auto; }
  .variables > tbody > tr > td { min-width: 0; } .lists { columns: 2; }
  details::details-content { display: block; content-visibility: visible; } }
    </style>
  </xsl:template>
</xsl:stylesheet>
